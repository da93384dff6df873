"""The entry: ``python run.py --help`` says what it can do. Everything is in ``optionbus.cli``."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - here whoever has an older one learns of it
    sys.exit(f"optionbus needs Python 3.11 or newer; this is {sys.version.split()[0]}")

# First of all places: PyPI has a package named supervisor too.
sys.path.insert(0, str(Path(__file__).resolve().parent))

if __name__ == "__main__":
    try:
        from optionbus.cli import main

        code = main()
    except KeyboardInterrupt:  # before there was anybody to take it
        code = 130
    sys.exit(code)
