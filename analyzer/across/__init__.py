"""Analyses over several runs: comparisons, insights, multiple testing."""
