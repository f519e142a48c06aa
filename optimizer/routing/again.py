"""The routes of an earlier routing of the same duties as the first plan of another."""

from collections import defaultdict

from optimizer.duties import Routing
from optimizer.routing.input import FORBIDDEN
from optimizer.routing.translate import Translation

Key = tuple[str, int, bool]
"""A unit or a session, its number, and whether it is the second crew's part of a joint visit."""


def routes_before(before: Routing, view: Translation) -> tuple[tuple[int, ...], ...]:
    """Nodes of every duty's earlier stops, in their order; stops that are no visits any more are left out."""
    nodes: dict[Key, int] = {
        ("unit", node.unit, node.is_second) if node.held is None else ("session", node.held.session, False): number
        for number, node in enumerate(view.nodes, start=view.given.depots)
    }
    crews: dict[int, list[int]] = defaultdict(list)
    for duty, routed in enumerate(before.duties):
        for stop in routed.stops:
            if stop.unit >= 0:
                crews[stop.unit].append(duty)
    routes = []
    for duty, routed in enumerate(before.duties):
        keys: list[Key] = [
            ("session", stop.session, False)
            if stop.session >= 0
            else ("unit", stop.unit, duty != _first_crew(view, nodes, stop.unit, crews[stop.unit]))
            for stop in routed.stops
        ]
        routes.append(tuple(nodes[key] for key in keys if key in nodes))
    return tuple(routes)


def _first_crew(view: Translation, nodes: dict[Key, int], unit: int, crews: list[int]) -> int:
    """The duty of a visit, or of the first part of a joint one."""
    if len(crews) < 2 or ("unit", unit, True) not in nodes:
        return crews[0]
    cost, parts = view.given.cost, [nodes["unit", unit, is_second] for is_second in (False, True)]
    is_so = cost[parts[0], crews[0]] != FORBIDDEN and cost[parts[1], crews[1]] != FORBIDDEN
    return crews[0] if is_so else crews[1]
