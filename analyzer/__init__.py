"""Finds the logs, runs parsers and rules, and tells people about it."""
