"""The durable log of notifications and requests."""
