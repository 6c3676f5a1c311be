"""Studies: the settings of runs, their configurations and replicates, and controlled pairs."""
