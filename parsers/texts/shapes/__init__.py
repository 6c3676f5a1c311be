"""What the text of a line says about its numbers, and what the numbers show where it says nothing."""
