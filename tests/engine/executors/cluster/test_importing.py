"""Threads of one process that come to need the same package at once."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import pickle, sys, threading
from importlib.machinery import PathFinder
from chunkscope.executors.cluster.importing import import_packages

class Slow(PathFinder):
    "Stops the first thread in the middle of the package until the second has come."
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "chunkscope.futures.cluster" and threading.current_thread() is first:
            reached.set()
            second.join(0.3)
        return None

def whole():
    import chunkscope.futures
    said.append(chunkscope.futures.Client.__name__)

def unpickled():
    reached.wait()
    asked = b"cchunkscope.futures.inside\\nget_client\\n."
    import_packages(asked)
    said.append(pickle.loads(asked).__name__)

said, reached = [], threading.Event()
first, second = threading.Thread(target=whole), threading.Thread(target=unpickled)
sys.meta_path.insert(0, Slow)
second.start(); first.start(); first.join(60); second.join(60)
print(sorted(said))
"""


def test_a_package_is_waited_for_that_another_thread_imports() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.stdout, ran.stderr) == ("['Client', 'get_client']\n", "")
