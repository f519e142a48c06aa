"""Compiles the search kernels and leaves them in the cache on disk: `python -m optimizer.routing`."""

from optimizer.routing.warm import warm

if __name__ == "__main__":
    warm()
