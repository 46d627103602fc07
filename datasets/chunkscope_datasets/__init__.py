"""Real data sets, bundled, in the layouts that the lessons need."""
