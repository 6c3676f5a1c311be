"""From files to runs: discovery, parsing, joining, alignment, confinement."""
