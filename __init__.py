"""trainlint: tells what went wrong in a neural-network training, from its logs alone."""
