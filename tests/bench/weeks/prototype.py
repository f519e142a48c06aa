"""The measured week for an earlier version of the search, in a folder of the user's own with `own.py`.

It takes an instance as a mapping with the short names of that version.
"""

import importlib
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.weeks.found import Found, Limit
from tests.bench.weeks.recipe import Week


def solve(week: Week, limit: Limit, folder: Path) -> Found:
    """Its plan; compiling does not count."""
    sys.path.insert(0, str(folder))
    version = importlib.import_module("own")
    version.warm()
    began, cpu_began = time.perf_counter(), time.process_time()
    search = version.Sisr(mapping_of(week), limit.seed)
    routes: dict[int, list[int]] = search.solve(limit.seconds, began)
    taken = time.process_time() - cpu_began
    plain = {int(route): [int(v) for v in stops] for route, stops in routes.items()}
    return Found(plain, taken, iterations=float(search.st[2]))


def mapping_of(week: Week) -> dict[str, Any]:
    """The week under the short names."""
    return {
        "n": week.count,
        "R": len(week.route_day),
        "teams": week.team_count,
        "team": week.route_team,
        "day": week.route_day,
        "D": week.travel_tenths,
        "svc": week.service_tenths,
        "tw": week.windows_tenths,
        "ok": week.allowed,
        "pen": week.penalty_tenths,
        "cont": week.continuity_tenths,
        "clin": week.clinics,
        "joint": [],
        "xy": week.place_km,
    }
