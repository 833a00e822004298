"""What a tenant needs to be known by: read from parameters, the environment and ``.env``, in this order."""

from .credential import Credential
from .read import NAMES, Settings, read_settings

__all__ = ["NAMES", "Credential", "Settings", "read_settings"]
