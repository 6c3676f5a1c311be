"""Reading files: text, chunks, truncated ends, configuration files beside a log."""
