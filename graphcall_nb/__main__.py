"""``python -m graphcall_nb``: the same as the command ``graphcall-nb``."""

import sys

from .cli import main

sys.exit(main())
