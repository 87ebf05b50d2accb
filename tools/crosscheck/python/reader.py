"""Starts the reader without PYTHONPATH: `python3 tools/crosscheck/python/reader.py`."""

import sys

from sluice_spec.__main__ import main

sys.exit(main(sys.argv[1:]))
