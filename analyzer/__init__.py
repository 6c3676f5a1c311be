"""Finds logs, runs parsers and rules, and reports the results."""
