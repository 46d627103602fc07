"""Frames from files and files from frames: CSV and Parquet."""
