"""The solved notebooks run under the settings under which their outputs were made."""

import os
import tempfile
from pathlib import Path

from tests.lessons.places import settings

os.environ.update(settings(Path(tempfile.mkdtemp(prefix="chunkscope-reference-"))))
