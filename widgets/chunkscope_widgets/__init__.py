"""Live views of a run, in a notebook cell and in the panel."""
