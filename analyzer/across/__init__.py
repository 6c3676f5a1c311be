"""What only several runs show together: comparisons between runs, insights, multiplicity."""
