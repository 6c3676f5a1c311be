"""Run the command line as `python -P -m trainlint`; without -P the current folder is taken off the path in `__init__`."""

from .analyzer.cli import main

if __name__ == "__main__":
    main()
