"""Defaults and choices that the command line and the configuration share. It imports nothing: `--help` answers at once."""

FAIL_ON = ("error", "warning", "info", "never")  # what --fail-on may be
# Ten times what the largest sound logs take (2 GB of CSV stay under 0.4 GB); two of them fit a machine of 16 GB.
DEFAULT_MEMORY = "4G"
# The slowest parser reads some 10 MB a second: 6 GB of text. Judging a run takes less than a second.
DEFAULT_SECONDS = 600.0
