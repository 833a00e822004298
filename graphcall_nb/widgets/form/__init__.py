"""A form to build and send a call: an ipywidget for JupyterLab, Notebook 7 and Voilà.

A change travels one way: a control tells the :class:`~.editor.Editor`, which changes the :class:`~.state.FormState`
(pure, no widgets) and has every part shown again.
"""

from .form import Form
from .state import FormState

__all__ = ["Form", "FormState"]
