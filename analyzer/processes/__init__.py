"""Worker processes: start, monitoring, termination with their parent."""
