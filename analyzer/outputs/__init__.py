"""Formats of `trainlint audit --format`, one file each, generated from the entries of report.json."""
