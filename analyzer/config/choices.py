"""Choices of options that the command line and the configuration file share. This module imports nothing."""

FAIL_ON = ("error", "warning", "info", "never")  # values of --fail-on
