"""Comparing groups of runs: where their curves part, which settings differ, and the verdict in words."""
