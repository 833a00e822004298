"""Widgets for JupyterLab, Notebook 7 and Voilà; each is in a package of its own and is loaded on first use."""
