"""A run as rules see it, one signal a file."""
