"""Where things are on this machine: known before settings are loaded, and without Django."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
# The embedded database, uploads, exports, static files and the secret key.
DATA_DIR = Path(os.environ.get("REGULARS_DATA") or BASE_DIR / "var").resolve()
