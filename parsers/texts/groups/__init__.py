"""Compares kinds of lines: which number is the counter, which lines repeat, which are not records."""
