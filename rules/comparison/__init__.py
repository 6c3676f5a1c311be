"""Rules that compare runs with each other."""
