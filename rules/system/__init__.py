"""Rules of the family system."""
