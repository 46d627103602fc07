"""The sources of the lessons run as notebooks, not as modules that pytest imports for their doctests."""

collect_ignore_glob = ["[0-9]*.py"]
