"""Runs the parts of the test suite and sums them up; `make test` calls it. Standard library only."""
