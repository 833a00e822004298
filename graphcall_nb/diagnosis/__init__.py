"""The doctor: checks, step by step, whether a call through Microsoft Graph can work from this machine."""
