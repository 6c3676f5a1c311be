"""The records of an event file: where they start and end, and whether their checksums hold."""
