"""Choices and defaults of options that the command line and the configuration file share. This module imports nothing."""

FAIL_ON = ("error", "warning", "info", "never")  # values of --fail-on
# Ten times the need of the largest real logs (2 GB of CSV stay below 0.4 GB); two such workers fit into 16 GB.
DEFAULT_MEMORY = "4G"
# The slowest parser reads some 10 MB a second: 6 GB of text. Judging a run takes less than a second.
DEFAULT_SECONDS = 600.0
