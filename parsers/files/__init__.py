"""Reading files: text, chunks, cut ends, settings beside a log."""
