"""Lessons that look at what your computation did: predict, run, reveal, check."""
