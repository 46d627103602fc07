"""One cache for all tests of the data sets: each layout is written once, and all is gone at the end."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    yield folder
    shutil.rmtree(folder)  # half a gigabyte that pytest would keep


# One for each module, so that fixtures of a module see it too, and tests elsewhere do not.
@pytest.fixture(scope="module", autouse=True)
def cache(shared_cache: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUNKSCOPE_DATA", str(shared_cache))
        yield shared_cache
