"""The solved notebooks run under the settings under which their outputs were made."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.lessons.places import UNFOLLOWED, settings

FOLDER = tempfile.mkdtemp(prefix="chunkscope-reference-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ.update(settings(Path(FOLDER)) | UNFOLLOWED)
