"""Runs the command line as `python -m mailwatch`."""

from mailwatch.cli.main import main

if __name__ == "__main__":
    main()
