"""Rules of the family adversarial."""
