"""The ways of a week's crews as GeoJSON (RFC 7946): lines along the roads and stops as points, in WGS-84.

Properties are opaque ids, counts and times. Without personal rights a home is drawn at its village, line and all.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from api.exports.calendar import moment_of
from api.week_sheets import Week
from geodata import Engine, Mode
from geodata.route_lines import Place, route_line
from optimizer.calendar import day_of
from optimizer.model import Site, SiteKind
from optimizer.plan import Crew, Stop

DECIMALS = 6
ATTRIBUTION = "roads, where from OpenStreetMap: © OpenStreetMap contributors, ODbL"

Feature = dict[str, Any]


def routes_geojson(week: Week, engine: Engine, exact_homes: Collection[str] = ()) -> bytes:
    """A line for every crew and a point for every stop, as one collection.

    The homes named (by site) are drawn where they are; all others at their village, which is what happens unasked.
    """
    exact = frozenset(exact_homes)
    features: list[Feature] = []
    for crew in week.crews():
        features += _features(week, crew, engine, exact)
    document = {"type": "FeatureCollection", "attribution": ATTRIBUTION, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _features(week: Week, crew: Crew, engine: Engine, exact: frozenset[str]) -> list[Feature]:
    problem = week.problem
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    base = _place(_site(week, vehicle.base))
    stops = []
    for number, stop in enumerate(crew.stops, start=1):
        site = _drawn(week, stop.site, exact)
        at = _place(site)
        if at is not None:
            stops.append((at, _stop(week, crew, stop, site, at, number)))
    points = [feature for _, feature in stops]
    if base is None:
        return points
    line = route_line(crew.id, base, [at for at, _ in stops], engine, Mode(vehicle.mode))
    positions = _along([(float(a), float(b)) for a, b in zip(line.latitude, line.longitude, strict=True)])
    day = day_of(crew.half_days[0])
    properties = {
        "kind": "route",
        "crew": crew.id,
        "team": crew.team,
        "members": list(crew.members),
        "vehicle": crew.vehicle,
        "mode": vehicle.mode,
        "out": _text(moment_of(week, day, crew.start_seconds)),
        "back": _text(moment_of(week, day, crew.end_seconds)),
    }
    geometry = {"type": "LineString", "coordinates": positions}
    return [{"type": "Feature", "id": crew.id, "geometry": geometry, "properties": properties}, *points]


def _stop(week: Week, crew: Crew, stop: Stop, site: Site, at: Place, number: int) -> Feature:
    day = day_of(crew.half_days[0])
    properties = {
        "kind": str(stop.kind),
        "crew": crew.id,
        "order": number,
        "site": site.id,
        "residents": len({week.item(item).resident for item in stop.follow_ups}),
        "arrival": _text(moment_of(week, day, stop.arrival_seconds)),
        "start": _text(moment_of(week, day, stop.start_seconds)),
        "end": _text(moment_of(week, day, stop.end_seconds)),
    }
    geometry = {"type": "Point", "coordinates": _position(at)}
    return {"type": "Feature", "id": f"{crew.id}/{number}", "geometry": geometry, "properties": properties}


def _site(week: Week, name: str) -> Site:
    return week.problem.sites[week.problem.site_number[name]]


def _drawn(week: Week, name: str, exact: frozenset[str]) -> Site:
    """The site that stands for a stop; a home in no known village stays undrawn rather than exact."""
    site = _site(week, name)
    if site.kind is not SiteKind.HOUSEHOLD or name in exact:
        return site
    return _site(week, site.village) if site.village else Site("", SiteKind.VILLAGE)


def _place(site: Site) -> Place | None:
    return None if site.latitude is None or site.longitude is None else (site.latitude, site.longitude)


def _position(place: Place) -> list[float]:
    """Longitude first."""
    return [round(place[1], DECIMALS), round(place[0], DECIMALS)]


def _along(places: list[Place]) -> list[list[float]]:
    """The positions of a line without repeats, at least two of them."""
    found: list[list[float]] = []
    for position in map(_position, places):
        if not found or found[-1] != position:
            found.append(position)
    return found if len(found) > 1 else found * 2


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
