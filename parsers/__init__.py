"""Log readers: each file here turns one format into runs of the common table."""
