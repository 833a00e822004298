"""The asynchronous client of the calling API."""
