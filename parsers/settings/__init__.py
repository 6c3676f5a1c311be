"""Hyperparameters: what their names and values are, and those in names of runs."""
