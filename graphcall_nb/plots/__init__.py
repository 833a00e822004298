"""Frames as matplotlib pictures, which stay visible in a saved notebook, on GitHub and in a PDF."""

from .timeline import plot_timeline, save_timeline

__all__ = ["plot_timeline", "save_timeline"]
