"""Mime bundles of widgets for saved notebooks, where live widgets are blank."""

from __future__ import annotations

from typing import Any


def add_picture(bundle: Any, html: str, text: str) -> Any:
    """Add a still picture to the mime bundle of a widget; nbconvert shows it where the widget has no state.

    Parameters
    ----------
    bundle : result of the widget's own ``_repr_mimebundle_``: data, or data and metadata
    html, text : the picture, and the same in words
    """
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    if data is not None:
        data |= {"text/plain": text, "text/html": html}
    return bundle
