"""The judge: any plan against any problem, from the rules alone. It shares no logic with the search."""

from optimizer.check.judge import Verdict, check

__all__ = ["Verdict", "check"]
