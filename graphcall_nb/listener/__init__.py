"""The listener: receives, checks and stores notifications."""
