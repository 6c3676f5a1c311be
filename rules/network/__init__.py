"""Rules of the family network."""
