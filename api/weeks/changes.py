"""The changes of a scenario, made on the gathered sheets of a week before anything is read from them.

A change is a plain mapping with a `kind` of `CHANGES`; its fields are those of `api.service.scenario_bodies`. Every
change that cannot be made is told; nothing of it is written to the store.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.models.follow_ups import FollowUp
from api.weeks.cells import grid_of_rows, text_of
from api.weeks.errors import ChangeFault
from optimizer.calendar import HALVES_PER_DAY, Day
from optimizer.due import NotationError, follow_up_rules
from optimizer.tables import Draft, Grid
from optimizer.tables.cells import rows_of
from optimizer.tables.faults import Log
from optimizer.tables.half_days import parse_half_days
from optimizer.tables.settings import all_settings, read_settings

Change = Mapping[str, Any]
Cells = dict[str, str]
HALVES, HALVES_ZH = ("am", "pm"), ("上午", "下午")
NONE = "无"
FIELDS = {"vehicles": "vehicle", "sessions": "session", "settings": "value"}
"""What a change calls the id (of settings: the value) of the row that it makes."""
_CONTRADICTORY = "同一对象只保留一项改动", "Keep one change of the same thing only"
_UNKNOWN = "改用现有的编号", "Use an id that exists"
_NO_HALF_DAY = "改用该周的工作半天", "Use a working half-day of the week"


@dataclass(slots=True)
class ChangedWeek:
    """Sheets with changes made on them, and what was found wrong with the changes."""

    sheets: dict[str, dict[int, Cells]]
    monday: date
    follow_ups: Mapping[str, str]
    """External ids of the follow-ups that changes name, by our ids."""
    days: tuple[Day, ...] = ()
    faults: list[ChangeFault] = field(default_factory=list)
    touched: dict[tuple[str, int], int] = field(default_factory=dict)
    """The last change of a row, by sheet and number."""
    closed_channels: set[str] = field(default_factory=set)
    _said: dict[tuple[str, ...], int] = field(default_factory=dict)

    def grids(self) -> dict[str, Grid]:
        """The sheets as they are now."""
        return {
            sheet: replace(
                grid_of_rows(sheet, rows.values()),
                rows=tuple(
                    (number, cells)
                    for number, (_, cells) in zip(rows, grid_of_rows(sheet, rows.values()).rows, strict=True)
                ),
            )
            for sheet, rows in self.sheets.items()
        }

    def claim(self, number: int, name: str, *thing: str) -> bool:
        """Whether no earlier change is about the same thing; else a fault is noted."""
        earlier = self._said.setdefault(thing, number)
        if earlier == number:
            return True
        expected = f"nothing that contradicts /changes/{earlier}"
        self.fault("CONTRADICTORY_CHANGES", number, name, thing[-1], expected, _CONTRADICTORY)
        return False

    def fault(self, code: str, number: int, name: str, found: str, expected: str, advice: tuple[str, str]) -> None:
        """Note what is wrong with a field of a change."""
        pointer = f"/changes/{number}" + (f"/{name}" if name else "")
        self.faults.append(ChangeFault(code, pointer, found, expected, *advice))

    def row(self, sheet: str, number: int, name: str, wanted: str) -> int | None:
        """The number of the row of an id; None, and a fault, when there is none."""
        for place, cells in self.sheets.get(sheet, {}).items():
            if cells["id"] == wanted:
                return place
        self.fault("NO_SUCH_ID", number, name, wanted, f"an id of the sheet {sheet}", _UNKNOWN)
        return None

    def add(self, sheet: str, number: int, cells: Mapping[str, Any]) -> None:
        """A row at the end of a sheet."""
        rows = self.sheets.setdefault(sheet, {})
        place = max(rows, default=1) + 1
        rows[place] = {key: text_of(value) for key, value in cells.items()}
        self.touched[sheet, place] = number

    def half_days(self, number: int, change: Change) -> Iterator[tuple[int, int]]:
        """The half-days that a change names as place in its list and number in the week; those closed are faults."""
        for place, given in enumerate(change["half_days"]):
            halves = range(HALVES_PER_DAY) if given.get("half") is None else (HALVES.index(given["half"]),)
            found = [
                HALVES_PER_DAY * day_number + half
                for day_number, day in enumerate(self.days)
                for half in halves
                if day.date.isoformat() == given["date"] and day.is_open(half)
            ]
            yield from ((place, each) for each in found)
            if not found:
                expected = " ".join(day.date.isoformat() for day in self.days)
                self.fault("NO_SUCH_HALF_DAY", number, f"half_days/{place}", given["date"], expected, _NO_HALF_DAY)

    def word_of(self, half_day: int) -> str:
        """A half-day in the notation of the sheets."""
        day, half = divmod(half_day, HALVES_PER_DAY)
        return f"{self.days[day].date.isoformat()}{HALVES_ZH[half]}"

    def rewrite(self, sheet: str, place: int, key: str, off: Iterable[int], on: Iterable[int] = ()) -> None:
        """A cell of half-days without some and with others; one that cannot be read is left for the tables to tell."""
        cells = self.sheets[sheet][place]
        try:
            present = parse_half_days(cells.get(key, ""), self.days)
        except NotationError:
            return
        wanted = sorted((set(present) - set(off)) | set(on))
        cells[key] = " ".join(map(self.word_of, wanted)) or NONE


def changed_week(
    session: Session, sheets: Mapping[str, Grid], organisation_id: str, monday: date, changes: Iterable[Change]
) -> ChangedWeek:
    """The sheets with all changes made on them, settings first, for they say which days are worked."""
    listed = list(enumerate(changes))
    week = ChangedWeek(
        {sheet: _rows(grid) for sheet, grid in sheets.items()},
        monday,
        _follow_ups(session, organisation_id, (change for _, change in listed)),
    )
    _make(week, [(number, change) for number, change in listed if change["kind"] == "setting"])
    log = Log()
    week.days = read_settings(rows_of(week.grids().get("settings"), "settings", log), monday, log).days
    _make(week, [(number, change) for number, change in listed if change["kind"] != "setting"])
    return week


def taken_in(changes: Iterable[Change]) -> tuple[str, ...]:
    """Our ids of the follow-ups that are planned although they are not due."""
    return tuple(name for change in changes if change["kind"] == "follow_ups_taken_in" for name in change["ids"])


def without_channels(draft: Draft, closed: Iterable[str]) -> Draft:
    """The draft with nobody seen in some ways; follow-ups that have no other way are left out."""
    gone = frozenset(closed)
    kept = [
        (replace(item, channels=options), origin)
        for item, origin in zip(draft.follow_ups, draft.origins["follow_ups"], strict=True)
        if (options := tuple(option for option in item.channels if option.channel.value not in gone))
    ]
    origins = {**draft.origins, "follow_ups": [origin for _, origin in kept]}
    return replace(draft, follow_ups=tuple(item for item, _ in kept), origins=origins)


def _rows(grid: Grid) -> dict[int, Cells]:
    return {number: dict(zip(grid.header, cells, strict=True)) for number, cells in grid.rows}


def _follow_ups(session: Session, organisation_id: str, changes: Iterable[Change]) -> dict[str, str]:
    """External ids of the follow-ups that changes name and the organisation has."""
    wanted = {name for change in changes for name in change.get("ids") or ()}
    if not wanted:
        return {}
    query = select(FollowUp.id, FollowUp.external_id).where(
        FollowUp.id.in_(wanted), FollowUp.organisation_id == organisation_id, FollowUp.is_deleted.is_(False)
    )
    return {row.id: row.external_id for row in session.execute(query)}


def _make(week: ChangedWeek, changes: Iterable[tuple[int, Change]]) -> None:
    for number, change in changes:
        CHANGES[change["kind"]](week, number, change)


def _setting(week: ChangedWeek, number: int, change: Change) -> None:
    key = change["key"]
    if key not in all_settings():
        week.fault("NO_SUCH_SETTING", number, "key", key, "a key of GET /v1/settings", _UNKNOWN)
        return
    if not week.claim(number, "key", "setting", key):
        return
    rows = week.sheets.setdefault("settings", {})
    for place in [place for place, cells in rows.items() if cells["key"] in (key, all_settings()[key].zh)]:
        del rows[place]
    week.add("settings", number, {"key": key, "value": change["value"]})


def _member(week: ChangedWeek, number: int, change: Change) -> None:
    """A member away, or there although the sheet says no; without half-days all of the week."""
    place = week.row("members", number, "member", change["member"])
    if place is None:
        return
    if change.get("half_days") is None:
        open_halves = [
            HALVES_PER_DAY * day_number + half
            for day_number, day in enumerate(week.days)
            for half in range(HALVES_PER_DAY)
            if day.is_open(half)
        ]
        named = [("member", half_day) for half_day in open_halves]
    else:
        named = [(f"half_days/{item}", half_day) for item, half_day in week.half_days(number, change)]
    free = [
        half_day
        for name, half_day in named
        if week.claim(number, name, "member", change["member"], week.word_of(half_day))
    ]
    is_there = change["kind"] == "member_available"
    week.rewrite("members", place, "desk", off=free)
    week.rewrite("members", place, "field", off=free, on=free if is_there else ())
    week.touched["members", place] = number


def _add(sheet: str, name: str) -> Callable[[ChangedWeek, int, Change], None]:
    """The maker of new rows of a sheet."""

    def add(week: ChangedWeek, number: int, change: Change) -> None:
        wanted = change[name]
        if not week.claim(number, name, name, wanted):
            return
        if any(cells["id"] == wanted for cells in week.sheets.get(sheet, {}).values()):
            week.fault(
                "DUPLICATE_ID", number, name, wanted, "an id that is not taken", ("换一个编号", "Use another id")
            )
            return
        cells = {key: value for key, value in change.items() if key not in ("kind", name, "half_days")}
        if "half_days" in change:
            cells["half_days"] = " ".join(week.word_of(each) for _, each in week.half_days(number, change)) or NONE
        week.add(sheet, number, {"id": wanted, **cells})

    return add


def _remove(sheet: str, name: str) -> Callable[[ChangedWeek, int, Change], None]:
    """The remover of rows of a sheet."""

    def remove(week: ChangedWeek, number: int, change: Change) -> None:
        if week.claim(number, name, name, change[name]):
            place = week.row(sheet, number, name, change[name])
            if place is not None:
                del week.sheets[sheet][place]

    return remove


def _forbid(week: ChangedWeek, number: int, change: Change) -> None:
    """A session not held on some half-days."""
    if not week.claim(number, "session", "session", change["session"]):
        return
    place = week.row("sessions", number, "session", change["session"])
    if place is not None:
        off = [half_day for _, half_day in week.half_days(number, change)]
        week.rewrite("sessions", place, "half_days", off=off)
        week.touched["sessions", place] = number


def _follow_ups_named(week: ChangedWeek, number: int, change: Change) -> Iterator[str]:
    """The external ids of the follow-ups that a change names."""
    for place, name in enumerate(change.get("ids") or ()):
        if name not in week.follow_ups:
            week.fault("NO_SUCH_ID", number, f"ids/{place}", name, "an id of GET /v1/follow-ups", _UNKNOWN)
        elif week.claim(number, f"ids/{place}", "follow_up", name):
            yield week.follow_ups[name]


def _leave_out(week: ChangedWeek, number: int, change: Change) -> None:
    names = set(_follow_ups_named(week, number, change))
    if change.get("rule") is not None and change["rule"] not in follow_up_rules():
        week.fault("NO_SUCH_RULE", number, "rule", change["rule"], "a code of a follow-up rule", _UNKNOWN)
    if change.get("team") is not None:
        week.row("teams", number, "team", change["team"])
    rows = week.sheets.get("followups", {})
    by = {key: change[key] for key in ("rule", "team") if change.get(key) is not None}
    for place, cells in list(rows.items()):
        if cells["id"] in names or (by and all(cells[key] == value for key, value in by.items())):
            del rows[place]


def _take_in(week: ChangedWeek, number: int, change: Change) -> None:
    for _ in _follow_ups_named(week, number, change):
        pass  # they are among the gathered rows already; here they are only judged


def _close_channel(week: ChangedWeek, number: int, change: Change) -> None:
    if week.claim(number, "channel", "channel", change["channel"]):
        week.closed_channels.add(change["channel"])


CHANGES: Mapping[str, Callable[[ChangedWeek, int, Change], None]] = {
    "setting": _setting,
    "member_unavailable": _member,
    "member_available": _member,
    "vehicle_added": _add("vehicles", "vehicle"),
    "vehicle_removed": _remove("vehicles", "vehicle"),
    "session_added": _add("sessions", "session"),
    "session_removed": _remove("sessions", "session"),
    "session_forbidden": _forbid,
    "follow_ups_left_out": _leave_out,
    "follow_ups_taken_in": _take_in,
    "channel_closed": _close_channel,
}
"""Every kind of change and what it does to the sheets."""
