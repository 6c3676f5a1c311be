"""The records of an event file: start, end and checksums."""
