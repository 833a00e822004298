"""Sessions: every part put together, with a synchronous interface."""
