"""Rules of the family generalization."""
