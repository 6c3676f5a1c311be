"""Rules of the family post-training."""
