"""Rules of the family log integrity."""
