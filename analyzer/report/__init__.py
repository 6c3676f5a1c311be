"""From judgements to report.json: its schema, entries, wording and baseline."""
