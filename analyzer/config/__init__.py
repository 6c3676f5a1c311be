"""What the user chose: configuration file, environment, options, selection of rules, plug-ins."""
