"""Lines of one shape, beside those of other shapes: which number counts, what repeats, and what is no record."""
