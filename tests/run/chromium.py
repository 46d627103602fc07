"""The browser that the browser tests drive: found, or installed where that is one command away."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

VARIABLE = "CHUNKSCOPE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
REMEDY = (
    f"no Chromium or Chrome that starts was found; install one (Debian: apt-get install chromium), "
    f"or name one in {VARIABLE}"
)
# Somebody else may be installing: wait for the lock instead of failing at once.
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300")


def find() -> str | None:
    """The path of a browser that starts, or None."""
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [*map(shutil.which, NAMES), *APPLICATIONS]
    return next((path for path in candidates if path and _starts(path)), None)


def find_or_install() -> str | None:
    """The path of a browser; as root on Debian its Chromium is installed if there is none."""
    found = find()
    if found is None and _can_install():
        print("No browser found: installing Debian's Chromium.", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in ((*APT, "update", "-qq"), (*APT, "install", "-y", "-qq", "chromium")):
            if subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, check=False).returncode != 0:
                break
        found = find()
    return found


def _starts(path: str) -> bool:
    if not Path(path).is_file():
        return False
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _can_install() -> bool:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and Path("/etc/debian_version").is_file() and shutil.which("apt-get") is not None
