"""``python -m recbench``: the command line, in whatever folder."""

import importlib
import sys

if __name__ == "__main__":
    sys.exit(importlib.import_module("recbench.bench.cli.main").main())
