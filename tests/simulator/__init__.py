"""The simulator, served for real and asked by clients that share nothing with it."""
