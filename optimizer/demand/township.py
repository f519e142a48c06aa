"""All sheets of the demo township: places as given, and people, vehicles, sessions and follow-ups drawn from a seed."""

from datetime import date

import numpy as np

from optimizer.demand.backlog import invent_follow_ups
from optimizer.demand.places import DemoPlaces, Spot
from optimizer.demand.workforce import Rows, invent_sessions, invent_workforce


def demo_rows(places: DemoPlaces, monday: date, seed: int) -> dict[str, Rows]:
    """The rows of every sheet, cells as text by column key; the same seed gives the same rows."""
    streams = [np.random.default_rng([seed, number]) for number in range(3)]
    force = invent_workforce(places, streams[0])
    return {
        "sites": _sites(places),
        "teams": force.teams,
        "members": force.members,
        "vehicles": force.vehicles,
        "sessions": invent_sessions(places, force, streams[1]),
        "followups": invent_follow_ups(places, force, monday, streams[2]),
        "settings": _settings(places),
    }


def _sites(places: DemoPlaces) -> Rows:
    kinds = (
        ("base", (places.base,)),
        ("village", places.villages),
        ("community", places.communities),
        ("station", places.stations),
    )
    return [_site(kind, spot) for kind, spots in kinds for spot in spots]


def _site(kind: str, spot: Spot) -> dict[str, str]:
    return {
        "id": spot.id,
        "name": spot.name,
        "kind": kind,
        "village": "" if kind == "village" else spot.village,
        "latitude": f"{spot.latitude:.6f}",
        "longitude": f"{spot.longitude:.6f}",
        "people": str(spot.people) if spot.people else "",
        "statistics_code": spot.statistics_code,
        "record_code": spot.record_code,
    }


def _settings(places: DemoPlaces) -> Rows:
    """Hours of the day, and what the demo needs beside the defaults."""
    rows = [
        {"key": "morning_start", "value": "08:00", "note": ""},
        {"key": "morning_end", "value": "12:00", "note": ""},
        {"key": "afternoon_start", "value": "13:30", "note": ""},
        {"key": "afternoon_end", "value": "17:30", "note": ""},
        {"key": "neighbour_kilometres", "value": "2", "note": ""},
    ]
    if not (3 <= places.base.latitude <= 54 and 73 <= places.base.longitude <= 136):
        rows.append({"key": "outside_china", "value": "yes", "note": ""})
    return rows
