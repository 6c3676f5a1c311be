"""Statistical rules: each file judges one pathology on a run of the common table."""
