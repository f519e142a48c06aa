"""Reads a whole folder for one week into a draft, with every fault of every sheet in one report.

The parts are also judged by the optimizer's own validation, and its faults are led back to sheet, row and column.
"""

from datetime import date

import numpy as np

from optimizer.errors import Fault
from optimizer.model import Site
from optimizer.tables.cells import Row, rows_of
from optimizer.tables.columns import NEEDED, SHEETS
from optimizer.tables.draft import Draft, Labels, Origins
from optimizer.tables.due_items import read_due_items
from optimizer.tables.faults import Log, TableFault, TableFaults
from optimizer.tables.patrols import read_patrols
from optimizer.tables.places import read_places
from optimizer.tables.reading import Folder
from optimizer.tables.settings import Settings, read_settings
from optimizer.tables.staff import read_staff
from optimizer.travel import ModeTimes, TravelTimes
from optimizer.validation import Parts, faults_of

COLUMN_OF = {
    "seconds": "home_minutes",
    "channels": "channels",
    "half_days": "half_days",
    "field_half_days": "field",
    "desk_half_days": "desk",
    "duration_seconds": "minutes",
    "net_seconds_per_member": "net_minutes",
    "usual_half_day": "usual",
    "vehicle_tag": "equipment",
    "time_windows": "times",
    "resident_windows": "resident_times",
    "preferred_members": "preferred",
    "deadline_seconds": "deadline",
}
"""The column behind a field of the problem, where the two are not called the same."""


def read_draft(folder: Folder, monday: date) -> Draft:
    """The folder as a draft for the week that begins on a Monday; raises TableFaults with every fault found."""
    log = Log(faults=list(folder.faults))
    sheets = {sheet: rows_of(folder.grids.get(sheet), sheet, log) for sheet in SHEETS}
    if folder.grids:
        _judge_sheets(folder, sheets, log)
    settings = read_settings(sheets["settings"], monday, log)
    if not settings.days:
        advice = "本周没有工作日；检查设置", "no working day in this week; check the settings"
        log.faults.append(TableFault("NO_DAYS", "settings", 0, "value", "", *advice))
        raise TableFaults(_in_order(log))
    draft = _draft(sheets, settings, log)
    log.faults += _validation_faults(draft, log)
    if log.faults:
        raise TableFaults(_in_order(log))
    return draft


def _judge_sheets(folder: Folder, sheets: dict[str, list[Row]], log: Log) -> None:
    for sheet in NEEDED:
        if sheet not in folder.grids:
            advice = f"缺少“{SHEETS[sheet]}”表", f"the sheet {sheet} is missing"
            log.faults.append(TableFault("MISSING_SHEET", sheet, 0, "", "", *advice))
    if not sheets["followups"] and not sheets["sessions"]:
        zh, en = "没有待随访也没有巡诊，计划为空", "neither follow-ups nor sessions: the plan is empty"
        log.note("NOTHING_TO_PLAN", zh, en)


def _in_order(log: Log) -> tuple[TableFault, ...]:
    """The faults by sheet and row."""
    order = {sheet: place for place, sheet in enumerate(SHEETS)}
    return tuple(sorted(log.faults, key=lambda fault: (order.get(fault.sheet, -1), fault.row)))


def _draft(sheets: dict[str, list[Row]], settings: Settings, log: Log) -> Draft:
    labels = Labels()
    places = read_places(sheets["sites"], settings)
    labels.sites.update(places.names)
    staff = read_staff(sheets, places, settings, labels)
    patrols = read_patrols(sheets["sessions"], places, staff, settings)
    items = read_due_items(sheets["followups"], places, staff, patrols, settings, labels)
    site_rows = [*places.rows, *items.homes.rows]
    sites: tuple[Site, ...] = (*places.sites, *items.homes.sites)
    origins: Origins = {
        "sites": _origins(site_rows),
        **{sheet: _origins(rows) for sheet, rows in staff.rows.items()},
        "follow_ups": _origins(items.rows),
        "sessions": _origins(patrols.rows),
    }
    return Draft(
        sites=sites,
        teams=tuple(staff.teams),
        members=tuple(staff.members),
        vehicles=tuple(staff.vehicles),
        follow_ups=tuple(items.follow_ups),
        sessions=tuple(patrols.sessions),
        settings=settings,
        labels=labels,
        notes=log.notes(),
        origins=origins,
    )


def _origins(rows: list[Row]) -> list[tuple[str, int]]:
    return [(row.sheet, row.number) for row in rows]


def _validation_faults(draft: Draft, log: Log) -> list[TableFault]:
    """What the optimizer's validation finds on rows that have no fault of their own yet."""
    nowhere = np.zeros((len(draft.sites), len(draft.sites)), dtype=np.int32)
    travel = TravelTimes({mode: ModeTimes(nowhere, nowhere) for mode in draft.modes})
    parts = Parts(
        days=draft.days,
        sites=draft.sites,
        teams=draft.teams,
        members=draft.members,
        vehicles=draft.vehicles,
        follow_ups=draft.follow_ups,
        sessions=draft.sessions,
        travel=travel,
        parameters=draft.parameters,
        pins=(),
    )
    is_clean = not log.faults
    found = [table_fault(fault, draft.origins) for fault in faults_of(parts)]
    # A row left out for its own fault makes others that name it look wrong: those are not told twice.
    return [fault for fault in found if not log.is_faulty(fault.sheet, fault.row) and (is_clean or fault.row)]


def table_fault(fault: Fault, origins: Origins) -> TableFault:
    """A fault of the problem led back to the sheet and row that the part came from."""
    words = fault.where.partition(" ")[0].strip("/").split("/")
    part = words[0]
    rows = origins.get(part, [])
    row = int(words[1]) if len(words) > 1 and words[1].isdecimal() else -1
    sheet, number = rows[row] if 0 <= row < len(rows) else (_sheet_of_part(part), 0)
    field = next((word for word in words[2:] if not word.isdecimal()), "")
    return TableFault(
        fault.code,
        sheet,
        number,
        COLUMN_OF.get(field, field),
        fault.found,
        f"应为 {fault.expected}。{fault.advice_zh}",
        f"expected {fault.expected}. {fault.advice_en}",
    )


def _sheet_of_part(part: str) -> str:
    return {"follow_ups": "followups", "days": "settings", "parameters": "settings"}.get(part, part)
