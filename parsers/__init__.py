"""Log readers: each file converts one format to runs."""
