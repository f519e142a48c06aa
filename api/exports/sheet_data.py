"""What stands on a crew's day sheet, as plain values for the typesetter: no rule, no diagnosis, names masked.

A sheet says "健康随访" and nothing else about the reason of a visit.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import segno

from api.exports.equipment import to_bring
from api.exports.masks import masked_name, masked_phone
from api.week_sheets import ON_CREW_SHEETS, Week, crew_title
from api.workbook import NOT_FEASIBLE, WARNING
from optimizer.due import format_clock
from optimizer.model import Channel, FollowUp
from optimizer.plan import Crew, Status, Stop, StopKind
from optimizer.tables.privacy import masked

DEMO = "演示数据，人物均为虚构 Demo data: nobody here is real"
WHOLE_DAY_SECONDS = 86_400

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """Which plan this is, where the phone pages are (empty: no QR code), and whether the people are invented."""

    plan_id: str
    version: int = 1
    base_url: str = ""
    is_demo: bool = False


def phone_page(base_url: str, plan_id: str, crew_id: str) -> str:
    """The address of a crew's phone page."""
    return f"{base_url.rstrip('/')}/plans/{quote(plan_id, safe='')}/crews/{quote(crew_id, safe='')}"


def sheets_data(week: Week, options: SheetOptions, crews: Iterable[str] | None = None) -> Values:
    """All sheets, or those of some crews; the numbers of crews count through the whole week."""
    wanted = None if crews is None else set(crews)
    numbers = {crew.id: number for number, crew in enumerate(week.crews(), start=1)}
    chosen = [crew for crew in week.crews() if wanted is None or crew.id in wanted]
    banners = [DEMO] if options.is_demo else []
    if week.result.status is not Status.FEASIBLE:
        banners.append(NOT_FEASIBLE)
    return {
        "banners": banners,
        "warning": WARNING,
        "heading": ON_CREW_SHEETS,
        "stamp": f"{options.plan_id[:8]} v{options.version}",
        "sheets": [_sheet(week, crew, numbers, options) for crew in chosen],
    }


def _sheet(week: Week, crew: Crew, numbers: dict[str, int], options: SheetOptions) -> Values:
    url = phone_page(options.base_url, options.plan_id, crew.id) if options.base_url else ""
    lunch = crew.lunch
    return {
        "title": crew_title(week, crew, numbers[crew.id]),
        "when": week.when(crew.half_days),
        "number": f"{numbers[crew.id]:02d}",
        "team": week.team(crew.team),
        "members": "、".join(week.member(name) for name in crew.members),
        "vehicle": week.vehicle(crew.vehicle),
        "out": format_clock(crew.start_seconds),
        "back": format_clock(crew.end_seconds),
        "lunch": f"{format_clock(lunch.start_seconds)}-{format_clock(lunch.end_seconds)}" if lunch else "",
        "bring": "、".join(to_bring(_skills(week, crew), _tags(week, crew))),
        "counts": _counts(week, crew),
        "qr": qr_code(url) if url else "",
        "rows": list(_rows(week, crew, numbers)),
        "sessions": [_session(week, stop) for stop in crew.stops if stop.kind is StopKind.SESSION],
    }


def qr_code(text: str) -> str:
    """A QR code as a drawing (SVG) without a border; the page round it is white."""
    content = io.BytesIO()
    segno.make(text, error="m", micro=False).save(content, kind="svg", border=0, xmldecl=False, omitsize=True)
    return content.getvalue().decode("utf-8")


def _tags(week: Week, crew: Crew) -> set[str]:
    """The equipment that the crew's sessions need on board."""
    wanted = {week.session(stop.session).vehicle_tag for stop in crew.stops if stop.session}
    return wanted & set(week.problem.vehicles[week.problem.vehicle_number[crew.vehicle]].tags)


def _skills(week: Week, crew: Crew) -> set[str]:
    """The skills that the crew's work asks for."""
    found = set()
    for stop in crew.stops:
        channel = Channel.PATROL if stop.kind is StopKind.SESSION else Channel.HOME
        for item in map(week.item, stop.follow_ups):
            found |= {
                skill
                for option in item.channels
                if option.channel is channel
                for need in option.needs
                for skill in need.skills
            }
    return found


def _counts(week: Week, crew: Crew) -> str:
    homes = sum(stop.kind is StopKind.HOME for stop in crew.stops)
    sessions = len(crew.stops) - homes
    people = len({week.item(item).resident for stop in crew.stops for item in stop.follow_ups})
    parts = [f"入户 {homes} 户 homes"] if homes else []
    parts += [f"巡诊 {sessions} 场 sessions"] if sessions else []
    return "，".join([*parts, f"共 {people} 人 people"])


def _rows(week: Week, crew: Crew, numbers: dict[str, int]) -> Iterator[Values]:
    """The stops in order with lunch between them."""
    lunch = crew.lunch
    for number, stop in enumerate(crew.stops, start=1):
        if lunch is not None and lunch.start_seconds < stop.start_seconds:
            yield _lunch(lunch.start_seconds, lunch.end_seconds)
            lunch = None
        yield _stop(week, crew, stop, number, numbers)
    if lunch is not None:
        yield _lunch(lunch.start_seconds, lunch.end_seconds)


def _lunch(start: int, end: int) -> Values:
    return {"kind": "lunch", "start": format_clock(start), "end": format_clock(end)}


def _stop(week: Week, crew: Crew, stop: Stop, number: int, numbers: dict[str, int]) -> Values:
    people = by_resident(week, stop)
    is_session = stop.kind is StopKind.SESSION
    return {
        "kind": str(stop.kind),
        "number": number,
        "arrive": format_clock(stop.arrival_seconds),
        "start": format_clock(stop.start_seconds),
        "end": format_clock(stop.end_seconds),
        "minutes": (stop.end_seconds - stop.start_seconds) // 60,
        "place": week.site(stop.site),
        "address": "" if is_session else _address(week, stop),
        "meet": _meets(week, crew, stop, numbers),
        "people": len(people) if is_session else [_person(week, items) for items in people],
    }


def by_resident(week: Week, stop: Stop) -> list[list[FollowUp]]:
    """The follow-ups of a stop, one list per resident."""
    found: dict[str, list[FollowUp]] = {}
    for item in map(week.item, stop.follow_ups):
        found.setdefault(item.resident, []).append(item)
    return list(found.values())


def shown_name(week: Week, item: FollowUp) -> str:
    """The masked name of a resident; where no name is known, the source's id."""
    name = masked_name(week.person(item.id).name)
    return name or masked(week.draft.labels.resident_ids.get(item.resident, item.resident))


def _person(week: Week, items: list[FollowUp]) -> Values:
    phone = masked_phone(week.person(items[0].id).phone)
    return {"name": shown_name(week, items[0]), "phone": phone, "items": len(items)}


def _address(week: Week, stop: Stop) -> str:
    """Where in the village the home is."""
    addresses = (week.person(item).address for item in stop.follow_ups)
    return next((text for text in addresses if text), "").removeprefix(week.site(stop.site)).strip()


def _meets(week: Week, crew: Crew, stop: Stop, numbers: dict[str, int]) -> str:
    """The number of the other crew that does the same follow-up at the same time."""
    wanted = set(stop.follow_ups)
    for other in week.result.plan.crews:
        is_there = any(wanted & set(one.follow_ups) for one in other.stops)
        if other.id != crew.id and other.half_days[0] // 2 == crew.half_days[0] // 2 and is_there:
            return f"{numbers[other.id]:02d}"
    return ""


def _session(week: Week, stop: Stop) -> Values:
    """The list of a session: those with a morning time first."""
    people = sorted(by_resident(week, stop), key=lambda items: (_latest_start(items), items[0].site, items[0].id))
    return {
        "place": week.site(stop.site),
        "start": format_clock(stop.start_seconds),
        "end": format_clock(stop.end_seconds),
        "people": [_attendee(week, items) for items in people],
    }


def _attendee(week: Week, items: list[FollowUp]) -> Values:
    before = _latest_start(items)
    return {
        **_person(week, items),
        "village": week.site(items[0].site),
        "before": format_clock(before) if before < WHOLE_DAY_SECONDS else "",
    }


def _latest_start(items: list[FollowUp]) -> int:
    windows = (window for item in items for window in item.time_windows)
    return min((window.end_seconds for window in windows), default=WHOLE_DAY_SECONDS)
