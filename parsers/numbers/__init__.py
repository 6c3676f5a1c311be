"""Numbers, dates and words from bytes, a column at a time."""
