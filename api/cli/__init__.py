"""The command `xunzhen`: demo, template, plan, solve, check, bound."""

from api.cli.commands import app, main, run

__all__ = ["app", "main", "run"]
