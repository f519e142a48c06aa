"""What the sheets of a week's workbook say: rows of text made from a plan, with names put beside the ids.

Crew sheets carry no rule and no diagnosis, only "健康随访"; the rules' categories appear on the leader's sheets alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from optimizer.calendar import day_of, half_of
from optimizer.due import follow_up_rules, format_clock
from optimizer.model import FollowUp, Session, SiteKind
from optimizer.plan import Crew, Left, Result, Stop, StopKind
from optimizer.problem import Problem
from optimizer.rules import RULES
from optimizer.tables import Draft, Person
from optimizer.tables.half_days import weekday_name
from optimizer.tables.privacy import masked

HALVES_ZH = ("上午", "下午")
HALVES_EN = ("AM", "PM")
ON_CREW_SHEETS = "健康随访"

Cells = list[str | int]


@dataclass(frozen=True, slots=True)
class Week:
    """A plan with everything needed to put it in words."""

    draft: Draft
    problem: Problem
    result: Result
    names: dict[str, str] = field(default_factory=dict)

    def item(self, name: str) -> FollowUp:
        """A follow-up by id."""
        return self.problem.follow_ups[self.problem.follow_up_number[name]]

    def session(self, name: str) -> Session:
        """A session by id."""
        return self.problem.sessions[self.problem.session_number[name]]

    def person(self, follow_up: str) -> Person:
        """How the resident of a follow-up is shown."""
        return self.draft.labels.residents.get(follow_up, Person())

    def resident(self, follow_up: str) -> str:
        """The resident's name, or the source's id where no name is known."""
        number = self.item(follow_up).resident
        return self.person(follow_up).name or masked(self.draft.labels.resident_ids.get(number, number))

    def member(self, name: str) -> str:
        """A member's name."""
        return self.draft.labels.members.get(name, Person(name)).name

    def member_phone(self, name: str) -> str:
        """A member's phone number."""
        return self.draft.labels.members.get(name, Person()).phone

    def site(self, name: str) -> str:
        """A site's name; a home is called by its village."""
        site = self.problem.sites[self.problem.site_number[name]]
        labels = self.draft.labels.sites
        return labels.get(site.village, site.village) if site.kind is SiteKind.HOUSEHOLD else labels.get(name, name)

    def team(self, name: str) -> str:
        """A team's name."""
        return self.draft.labels.teams.get(name, name)

    def vehicle(self, name: str) -> str:
        """A vehicle's name."""
        return self.draft.labels.vehicles.get(name, name)

    def when(self, half_days: tuple[int, ...]) -> str:
        """Date and half of a crew, such as 周一 11-23 上午."""
        day = self.problem.days[day_of(half_days[0])].date
        half = "全天" if len(half_days) > 1 else HALVES_ZH[half_of(half_days[0])]
        return f"{weekday_name(day)} {day:%m-%d} {half}"

    def crews(self) -> list[Crew]:
        """The crews in the order of the week."""
        return in_order(self.result.plan.crews)


def in_order(crews: Iterable[Crew]) -> list[Crew]:
    """Crews by time and team; their numbers on sheets and map count in this order."""
    return sorted(crews, key=lambda crew: (crew.half_days, crew.team, crew.id))


def crew_title(week: Week, crew: Crew, number: int) -> str:
    """The name of a crew's sheet, at most 31 characters, without the signs that a workbook forbids."""
    day = weekday_name(week.problem.days[day_of(crew.half_days[0])].date)
    half = "全天" if len(crew.half_days) > 1 else HALVES_ZH[half_of(crew.half_days[0])]
    return f"{day}{half} {number:02d}"


def roster_rows(week: Week, titles: dict[str, str]) -> Iterator[Cells]:
    """One line per crew for the overview."""
    for crew in week.crews():
        sessions = [week.site(stop.site) for stop in crew.stops if stop.kind is StopKind.SESSION]
        homes = [stop for stop in crew.stops if stop.kind is StopKind.HOME]
        villages = list(dict.fromkeys(week.site(stop.site) for stop in homes))
        yield [
            titles[crew.id],
            week.when(crew.half_days),
            week.team(crew.team),
            "、".join(week.member(name) for name in crew.members),
            week.vehicle(crew.vehicle),
            format_clock(crew.start_seconds),
            format_clock(crew.end_seconds),
            "、".join(sessions),
            len(homes),
            sum(len(stop.follow_ups) for stop in crew.stops),
            "、".join(villages),
        ]


def stop_rows(week: Week, crew: Crew) -> Iterator[Cells]:
    """The lines of a crew's sheet: one per resident of a home stop, one per session, and lunch."""
    lunch = crew.lunch
    for number, stop in enumerate(crew.stops, start=1):
        if lunch is not None and lunch.start_seconds < stop.start_seconds:
            yield lunch_row(lunch.start_seconds, lunch.end_seconds)
            lunch = None
        yield from _rows_of_stop(week, stop, number)
    if lunch is not None:
        yield lunch_row(lunch.start_seconds, lunch.end_seconds)


def lunch_row(start: int, end: int) -> Cells:
    """The lunch break."""
    return ["", "", format_clock(start), format_clock(end), "午休 lunch", "", "", "", ""]


def _rows_of_stop(week: Week, stop: Stop, number: int) -> Iterator[Cells]:
    head: Cells = [number, *(format_clock(t) for t in (stop.arrival_seconds, stop.start_seconds, stop.end_seconds))]
    if stop.kind is StopKind.SESSION:
        heads = len({week.item(item).resident for item in stop.follow_ups})
        yield [*head, "巡诊", week.site(stop.site), f"{heads} 人，名单见下", "", ""]
        return
    by_resident: dict[str, list[str]] = {}
    for item in stop.follow_ups:
        by_resident.setdefault(week.item(item).resident, []).append(item)
    for place, items in enumerate(by_resident.values()):
        person = week.person(items[0])
        start = head if place == 0 else ["", "", "", ""]
        what = ON_CREW_SHEETS + (f"（{len(items)}项）" if len(items) > 1 else "")
        joint = "与另一队会合 meet the other crew" if week.item(items[0]).joint else ""
        where = f"{week.site(stop.site)} {person.address.removeprefix(week.site(stop.site))}".strip()
        yield [*start, f"入户 {what}", where, week.resident(items[0]), person.phone, joint]


def attendee_rows(week: Week, stop: Stop) -> Iterator[Cells]:
    """The residents expected at a session, those with a morning time first."""
    by_resident: dict[str, list[FollowUp]] = {}
    for name in stop.follow_ups:
        item = week.item(name)
        by_resident.setdefault(item.resident, []).append(item)
    ordered = sorted(by_resident.values(), key=lambda items: (_latest_start(items), items[0].site, items[0].id))
    for number, items in enumerate(ordered, start=1):
        person = week.person(items[0].id)
        by = _latest_start(items)
        yield [
            number,
            week.resident(items[0].id),
            person.phone,
            person.address or week.site(items[0].site),
            len(items),
            f"{format_clock(by)} 前" if by < 86_400 else "",
        ]


def _latest_start(items: list[FollowUp]) -> int:
    return min((window.end_seconds for item in items for window in item.time_windows), default=86_400)


def session_stops(week: Week) -> list[tuple[Crew, Stop]]:
    """The held sessions in the order of the week."""
    found = [(crew, stop) for crew in week.crews() for stop in crew.stops if stop.kind is StopKind.SESSION]
    return sorted(found, key=lambda pair: (day_of(pair[0].half_days[0]), pair[1].start_seconds, pair[1].site))


def phone_rows(week: Week) -> Iterator[Cells]:
    """The phone calls by half-day and member."""
    calls = sorted(week.result.plan.phone_calls, key=lambda call: (call.half_day, call.member, call.follow_up))
    for call in calls:
        item, person = week.item(call.follow_up), week.person(call.follow_up)
        yield [
            week.when((call.half_day,)),
            week.member(call.member),
            week.resident(item.id),
            person.phone,
            week.site(item.site),
            ON_CREW_SHEETS,
        ]


def left_rows(week: Week, left: tuple[Left, ...]) -> Iterator[Cells]:
    """What is not planned, most urgent first, with category, window and reasons; for the leader only."""
    ordered = sorted(left, key=lambda one: (week.item(one.id).priority, week.item(one.id).latest, one.id))
    for one in ordered:
        item, person = week.item(one.id), week.person(one.id)
        rule = follow_up_rules().get(item.rule)
        yield [
            item.id,
            f"P{item.priority}",
            rule.category_zh if rule else "",
            week.site(item.site),
            week.resident(item.id),
            person.phone,
            item.earliest.isoformat(),
            item.latest.isoformat(),
            week.team(item.team) if item.team else "",
            reasons(one),
        ]


def session_left_rows(week: Week) -> Iterator[Cells]:
    """The sessions that are not held."""
    for one in week.result.plan.sessions_not_held:
        session = week.session(one.id)
        yield [session.id, week.site(session.site), week.team(session.team) if session.team else "", reasons(one)]


def reasons(left: Left) -> str:
    """Why, in Chinese; `remedy_lines` says the same in English and what could be done."""
    return "；".join(RULES[code].title_zh for code in left.rules if code in RULES)


def remedy_lines(left: Iterable[Left]) -> list[str]:
    """Every reason of a list once, the most frequent first: in both languages, how often, and what could be done."""
    counts = Counter(code for one in left for code in one.rules if code in RULES)
    ordered = sorted(counts, key=lambda code: (-counts[code], code))
    rules = [(RULES[code], counts[code]) for code in ordered]
    return [f"{r.title_zh} {r.title_en}（{count}）：{r.remedy_zh} {r.remedy_en}" for r, count in rules]
