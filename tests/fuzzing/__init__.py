"""Fuzz tests over a real socket: no 500, no traceback, no growth of memory.

``python -m tests.fuzzing listener 3600`` (or ``simulator``) does for so many seconds what ``test_fuzz.py``
does briefly.
"""
