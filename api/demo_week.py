"""The week that demo dates are made for; a module of its own, so that naming it loads no maps."""

DEMO_WEEK = "2026-W48"
