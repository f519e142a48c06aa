"""The routes, one file per subject, each with a `router`."""
