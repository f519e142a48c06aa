"""Reads a solution: who goes out on which half-day, to which sessions and homes, with units instead of counts."""

from collections import Counter
from dataclasses import dataclass, field

from optimizer.duties import HeldSession
from optimizer.roster.book import Book, Kind
from optimizer.roster.linear import IntVector
from optimizer.roster.sheet import Activity, Sheet
from optimizer.roster.week import NO_TEAM, Week


@dataclass
class Outing:
    """A crew on one half-day, before it has a vehicle."""

    activity: Activity
    half_day: int
    members: tuple[int, ...]
    team: int
    attendees: list[int] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)

    @property
    def sessions(self) -> tuple[HeldSession, ...]:
        """The session it holds, if it does."""
        if not self.activity.is_session:
            return ()
        return (HeldSession(self.activity.session, self.half_day, tuple(sorted(self.attendees))),)

    def sites(self, week: Week) -> list[int]:
        """Where it goes."""
        stops = [week.units[unit].site for unit in self.homes]
        return stops + ([week.session_sites[self.activity.session]] if self.activity.is_session else [])


def outings_of(sheet: Sheet, book: Book, values: IntVector) -> list[Outing]:
    """The outings of a solution in order of their half-days; the dearest units of every group are the served ones."""
    outings = {activity.on: _outing(sheet, activity, values) for activity in sheet.activities if values[activity.on]}
    waiting = {number: list(group.units) for number, group in enumerate(sheet.groups)}
    for contact in book.contacts:
        count = int(values[contact.variable])
        if not count:
            continue
        outing = next(outings[activity.on] for activity in contact.activities if activity.on in outings)
        if contact.kind is Kind.PARTNER:
            outing.homes += sheet.groups[contact.group].units[:count]
            continue
        units, waiting[contact.group] = waiting[contact.group][:count], waiting[contact.group][count:]
        (outing.attendees if contact.kind is Kind.SESSION else outing.homes).extend(units)
    return sorted(outings.values(), key=lambda outing: (outing.half_day, outing.members))


def _outing(sheet: Sheet, activity: Activity, values: IntVector) -> Outing:
    members = tuple(member for member, variable in activity.members.items() if values[variable])
    return Outing(activity, activity.half_day, members, _team_of(sheet, activity, members))


def _team_of(sheet: Sheet, activity: Activity, members: tuple[int, ...]) -> int:
    """The team of a home crew; else the session's team if it is there, else the one with most members."""
    if activity.team != NO_TEAM:
        return activity.team
    week = sheet.week
    counts = Counter(week.team_of[member] for member in members)
    wanted = week.problem.sessions[activity.session].team if activity.is_session else ""
    own = week.problem.team_number.get(wanted, NO_TEAM)
    return max(sorted(counts), key=lambda team: (counts[team], team == own))
