"""Tables of delimited text (CSV, TSV)."""
