"""What options may be, where the command line and the configuration file offer the same choice. It imports nothing."""

FAIL_ON = ("error", "warning", "info", "never")  # what --fail-on may be
