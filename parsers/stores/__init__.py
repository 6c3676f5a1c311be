"""Databases and binary logs of experiment trackers."""
