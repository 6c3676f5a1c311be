"""Meaning of the numbers of a line: from the text around them, and from the values where the text is silent."""
