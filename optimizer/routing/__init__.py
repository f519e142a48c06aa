"""The search over crew-days: which crew visits whom, in what order, when. Decides nothing about crews or sessions."""

from optimizer.routing.duties import route_duties
from optimizer.routing.input import RouteTimes, RoutingInput, RoutingOutput, SearchParams, Timing, blank_input
from optimizer.routing.search import search
from optimizer.routing.warm import warm

__all__ = [
    "RouteTimes",
    "RoutingInput",
    "RoutingOutput",
    "SearchParams",
    "Timing",
    "blank_input",
    "route_duties",
    "search",
    "warm",
]
