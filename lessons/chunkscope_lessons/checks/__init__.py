"""The checks of each lesson, one file for each."""
