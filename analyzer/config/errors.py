"""Errors that users of the Python functions may meet."""


class ConfigError(ValueError):
    """A configuration file that cannot be used; the text says which, where and why."""
