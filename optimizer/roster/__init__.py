"""The roster: sessions, channels, half-days and crews of a week, decided together."""

from optimizer.roster.decide import Method, decide
from optimizer.roster.ledger import ledger

__all__ = ["Method", "decide", "ledger"]
