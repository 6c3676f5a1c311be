"""Formats that any program may write: CSV, JSON, plain text."""
