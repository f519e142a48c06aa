"""When, by the judge's rules, service could begin at all: at home on a day, or at a session on a half-day."""

from dataclasses import dataclass

from optimizer.calendar import HALVES_PER_DAY, half_day_bounds, span_of
from optimizer.model import FollowUp, Session
from optimizer.problem import Problem
from optimizer.week_bound.reach import FAR, Reach

Spell = tuple[int, int]
"""From and to, in seconds of the day, both included."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of the problem's days with the reach of each day."""

    problem: Problem
    reaches: tuple[Reach, ...]

    def outings(self, day: int) -> list[tuple[int, ...]]:
        """The half-days of every outing that a day allows."""
        open_halves = [half for half in range(HALVES_PER_DAY) if self.problem.days[day].is_open(half)]
        single = [(HALVES_PER_DAY * day + half,) for half in open_halves]
        return single + ([(2 * day, 2 * day + 1)] if len(open_halves) == HALVES_PER_DAY else [])

    def seconds(self, half_days: tuple[int, ...], *, overtime: bool) -> int:
        """The most that a crew can be away on an outing, without a lunch that it cannot do without."""
        span = span_of(self.problem.days, half_days, self.problem.parameters.max_overtime_seconds)
        day = self.problem.days[span.day]
        whole = (span.hard_end_seconds if overtime else span.end_seconds) - span.start_seconds
        if not span.needs_lunch:
            return whole
        return max(whole - day.lunch_seconds, min(whole, day.lunch_latest_seconds - span.start_seconds))

    def can_start_at_home(self, item: FollowUp, day: int, seconds: int) -> bool:
        """Whether a home stop of this length fits an outing of the day and the item's times."""
        site = self.problem.site_number[item.site]
        reach = self.reaches[day]
        if reach.both[site] >= FAR:
            return False
        for half_days in self.outings(day):
            span = span_of(self.problem.days, half_days, self.problem.parameters.max_overtime_seconds)
            first = span.start_seconds + int(reach.out[site])
            last = span.hard_end_seconds - seconds - int(reach.back[site])
            if any(max(first, start) <= min(last, end) for start, end in self.home_spells(item, day)):
                return True
        return False

    def home_spells(self, item: FollowUp, day: int) -> list[Spell]:
        """When a home stop may start: in a time of day (with its late part), while the resident is there, in time."""
        today = self.problem.days[day].date
        end_of_day = 1 << 30
        times = [(one.start_seconds, one.late_end_seconds or one.end_seconds) for one in item.time_windows]
        there = [(one.start_seconds, one.end_seconds) for one in item.resident_windows if one.date == today]
        if not item.resident_windows:
            there = [(0, end_of_day)]
        deadline = end_of_day
        if item.deadline_seconds is not None and today == item.latest:
            deadline = item.deadline_seconds
        return [
            (max(a, c), min(b, d, deadline))
            for a, b in times or [(0, end_of_day)]
            for c, d in there
            if max(a, c) <= min(b, d, deadline)
        ]

    def session_starts(self, session: Session, half_day: int) -> Spell | None:
        """From when to when a session could start in a half-day."""
        day, half = divmod(half_day, HALVES_PER_DAY)
        if not self.problem.days[day].is_open(half):
            return None
        site = self.problem.site_number[session.site]
        reach = self.reaches[day]
        first, end = half_day_bounds(self.problem.days[day], half)
        is_first = half == 0 or not self.problem.days[day].is_open(0)
        if is_first:
            first += int(reach.out[site])
        last = end - session.duration_seconds
        return (first, last) if first <= last and reach.both[site] < FAR else None

    def can_attend(self, item: FollowUp, session: Session, half_day: int) -> bool:
        """Whether some start of the session suits an attendee's times."""
        starts = self.session_starts(session, half_day)
        if starts is None:
            return False
        first, last = starts
        today = self.problem.days[half_day // HALVES_PER_DAY].date
        if item.deadline_seconds is not None and today == item.latest:
            last = min(last, item.deadline_seconds)
        times = [(one.start_seconds, one.late_end_seconds or one.end_seconds) for one in item.time_windows]
        there = [(one.start_seconds, one.end_seconds) for one in item.resident_windows if one.date == today]
        for wanted, spells in ((item.time_windows, times), (item.resident_windows, there)):
            meets = any(max(first, a - session.duration_seconds + 1) <= min(last, b) for a, b in spells)
            if wanted and not meets:
                return False
        return first <= last

    def early(self, item: FollowUp, session: Session, half_day: int) -> Spell | None:
        """The last and first second at which an attendee must be seen, if that always ends before the session does."""
        starts = self.session_starts(session, half_day)
        if starts is None or not (item.time_windows or item.resident_windows):
            return None
        today = self.problem.days[half_day // HALVES_PER_DAY].date
        times = [(one.start_seconds, one.end_seconds) for one in item.time_windows] or [(0, 1 << 30)]
        there = [(one.start_seconds, one.end_seconds) for one in item.resident_windows if one.date == today]
        there = there if item.resident_windows else [(0, 1 << 30)]
        common = [(max(a, c), min(b, d)) for a, b in times for c, d in there if max(a, c) <= min(b, d)]
        if not common:
            return None
        last, first = max(end for _, end in common), min(start for start, _ in common)
        return (last, first) if last < starts[0] + session.duration_seconds else None
