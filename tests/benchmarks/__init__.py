"""Benchmarks, each beside its peer in one run; `make bench` runs them. Figures for people, never a timed test."""
