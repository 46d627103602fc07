"""Reductions, group-bys and counting: a partial of each partition, a tree that combines them, and the finish."""
