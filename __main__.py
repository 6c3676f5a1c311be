"""Run the command line as `python -m trainlint`."""

from .analyzer.cli import main

if __name__ == "__main__":
    main()
