"""report.json: schema, entries, wording and baseline."""
