"""The operations of frames: one file for each section of the pandas reference."""
