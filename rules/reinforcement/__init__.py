"""Rules of the family reinforcement."""
