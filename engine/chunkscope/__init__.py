"""Chunked arrays, tables and delayed calls, and everything that can be seen of their computation."""
