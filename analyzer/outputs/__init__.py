"""What `trainlint audit --format` can print: one file a format, each made from the entries of report.json."""
