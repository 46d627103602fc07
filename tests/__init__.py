"""The tests, mirroring the packages: `tests/engine/x/test_y.py` is for `engine/chunkscope/x/y.py`."""
