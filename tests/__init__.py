"""The tests: they mirror the packages; `tests.bench` holds the measurements, which are never tests."""
