"""A form to build and send a call: an ipywidget for JupyterLab, Notebook 7 and Voilà."""

from .form import Form
from .state import FormState

__all__ = ["Form", "FormState"]
