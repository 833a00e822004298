"""What a tenant needs to be known by: read from parameters, the environment and ``.env``, in this order."""

from .credential import Credential
from .read import NAMES, PREFIX, Settings, is_loopback, read_settings

__all__ = ["NAMES", "PREFIX", "Credential", "Settings", "is_loopback", "read_settings"]
