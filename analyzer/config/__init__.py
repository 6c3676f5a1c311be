"""Configuration: file, environment, options, selection of rules, plug-ins."""
