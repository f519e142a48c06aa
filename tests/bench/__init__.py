"""Measurements: speed and quality against peers and bounds, run by hand with `python -m tests.bench NAME`."""
