"""The use case: a folder of tables and roads becomes a checked week plan.

Composes the tables, geodata's travel times and the solver; prints nothing and writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from geodata import (
    ContractionHierarchies,
    Dijkstra,
    Engine,
    GreatCircle,
    Mode,
    PlaceTooFarError,
    Points,
    RoadFileError,
    RoadGraph,
    UnreachableError,
    read_roads,
    travel_matrices,
)
from geodata.engines.hierarchies import is_available
from optimizer.due import NotationError
from optimizer.errors import ProblemFaults
from optimizer.model import Pin
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.tables import Draft, TableFault, TableFaults, monday_of, read_draft, read_folder, table_fault
from optimizer.travel import TravelTimes

MOST_UNREACHABLE = 50


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder ready to be solved: the problem, what people want to see of it, and the roads it was measured on."""

    draft: Draft
    problem: Problem
    engine: Engine
    roads: RoadGraph | None


def prepare(folder: Path, week: str, *, earlier: Plan | None = None, cache: Path | None = None) -> Prepared:
    """Read a folder (or a workbook) for an ISO week and measure its travel times.

    Raises
    ------
    TableFaults
        With every fault found; also for the week, the road file and places that no road reaches.
    """
    monday = monday_of_week(week)
    found = read_folder(folder)
    return prepare_draft(read_draft(found, monday), found.roads, earlier=earlier, cache=cache)


def prepare_draft(
    draft: Draft,
    roads_file: Path | None,
    *,
    earlier: Plan | None = None,
    pins: tuple[Pin, ...] = (),
    cache: Path | None = None,
) -> Prepared:
    """Measure the travel times of a draft, wherever its rows came from; raises TableFaults as `prepare` does."""
    engine, roads = _engine(roads_file, draft)
    travel = travel_times(draft, engine, cache)
    try:
        problem = draft.problem(travel, earlier)
        problem = replace(problem, pins=pins) if pins else problem
    except ProblemFaults as error:
        raise TableFaults(tuple(table_fault(fault, draft.origins) for fault in error.faults)) from error
    return Prepared(draft, problem, engine, roads)


def monday_of_week(week: str) -> date:
    """The Monday of a week such as 2026-W48, or of the week of a date; raises TableFaults with advice."""
    try:
        return monday_of(week)
    except NotationError:
        advice = "周写作 2026-W48，或其中一天 2026-11-25", "write the week as 2026-W48, or a date in it"
        raise TableFaults((TableFault("WEEK", "--week", 0, "", week, *advice),)) from None


def _engine(file: Path | None, draft: Draft) -> tuple[Engine, RoadGraph | None]:
    """An engine on the folder's roads, or straight lines with a detour factor when there are none."""
    if file is None:
        return GreatCircle(max(1.0, draft.settings.circuity)), None
    try:
        roads = read_roads(file)
    except RoadFileError as error:
        advice = "更换道路文件，或移走它以按直线估算", "replace the road file, or take it away to use straight lines"
        raise TableFaults(
            (TableFault("ROADS", "roads", 0, "", str(error).replace(str(file), file.name), *advice),)
        ) from error
    return (ContractionHierarchies(roads) if is_available() else Dijkstra(roads)), roads


def travel_times(draft: Draft, engine: Engine, cache: Path | None = None) -> TravelTimes:
    """Seconds and metres between all sites for every mode of the vehicles; raises TableFaults naming lost places."""
    try:
        matrices = travel_matrices(
            Points.from_table(draft.places()),
            engine,
            [Mode(mode) for mode in draft.modes],
            cache_dir=cache,
            max_access_metres=draft.settings.max_access_metres,
            stop_overhead_seconds=draft.settings.stop_overhead_seconds,
        )
    except PlaceTooFarError as error:
        raise TableFaults(tuple(_too_far(name, metres, draft) for name, metres in error.places)) from error
    except UnreachableError as error:
        raise TableFaults(_unreachable(error.pairs, draft)) from error
    return draft.travel_times(matrices)


def _place(name: str, draft: Draft) -> tuple[str, int]:
    """Sheet and row that a site came from."""
    number = next(place for place, site in enumerate(draft.sites) if site.id == name)
    return draft.origins["sites"][number]


def _too_far(name: str, metres: float, draft: Draft) -> TableFault:
    sheet, row = _place(name, draft)
    zh = f"离最近道路 {metres:.0f} 米；核对坐标，或调高“离路最远米”"
    en = f"{metres:.0f} m from the nearest road; check the coordinates or raise max_access_metres"
    return TableFault("FAR_FROM_ROAD", sheet, row, "latitude", name, zh, en)


def _unreachable(pairs: tuple[tuple[str, str], ...], draft: Draft) -> tuple[TableFault, ...]:
    """The places that most of the missing ways have in common."""
    counts: dict[str, int] = {}
    for pair in pairs:
        for name in pair:
            counts[name] = counts.get(name, 0) + 1
    worst = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_UNREACHABLE]
    advice = "与其他地点之间没有道路；核对坐标或道路文件", "no way to other places; check the coordinates or the roads"
    cut = max(counts.values()) // 2
    return tuple(
        TableFault("UNREACHABLE", *_place(name, draft), "latitude", name, *advice)
        for name in worst
        if counts[name] >= cut
    )
