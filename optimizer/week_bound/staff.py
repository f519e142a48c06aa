"""Who could be out or at the phone when, and how small a crew with certain needs can be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from optimizer.calendar import HALVES_PER_DAY, day_of, half_of
from optimizer.model import Member, StaffNeed
from optimizer.problem import Problem
from optimizer.staffing import fits


@dataclass(frozen=True)
class Staff:
    """The people of a problem. Not slotted because of its cached table."""

    problem: Problem

    @cached_property
    def out(self) -> tuple[tuple[int, ...], ...]:
        """By half-day of the plan, the numbers of the members who may be in the field."""
        half_days = HALVES_PER_DAY * len(self.problem.days)
        return tuple(
            tuple(n for n, one in enumerate(self.problem.members) if half_day in one.field_half_days)
            if self.problem.days[day_of(half_day)].is_open(half_of(half_day))
            else ()
            for half_day in range(half_days)
        )

    def out_on(self, day: int) -> list[Member]:
        """Members who may be out at some time of a day."""
        numbers = sorted({n for half in range(HALVES_PER_DAY) for n in self.out[HALVES_PER_DAY * day + half]})
        return [self.problem.members[number] for number in numbers]

    def can_meet(self, needs: Iterable[StaffNeed], head_count: int, half_days: Sequence[int], on: date) -> bool:
        """Whether on one of the half-days enough people who fit every need are there."""
        wanted = tuple(needs)
        return any(self._has(wanted, head_count, half_day, on) for half_day in half_days)

    def _has(self, needs: tuple[StaffNeed, ...], head_count: int, half_day: int, on: date) -> bool:
        there = [self.problem.members[number] for number in self.out[half_day]]
        return len(there) >= max(1, head_count) and all(
            sum(fits(one, need, on) for one in there) >= need.count for need in needs
        )

    def can_phone(self, needs: Iterable[StaffNeed], day: int) -> bool:
        """Whether somebody who fits all needs is at the desk or in the field on a day."""
        half_days, on = (2 * day, 2 * day + 1), self.problem.days[day].date
        wanted = tuple(needs)
        return any(
            any(half_day in one.desk_half_days or half_day in one.field_half_days for half_day in half_days)
            and all(fits(one, need, on) for need in wanted)
            for one in self.problem.members
        )

    def least_crew(self, needs: Iterable[StaffNeed], head_count: int) -> int:
        """The fewest people of a crew with these needs: needs that nobody can share add up."""
        dates = [day.date for day in self.problem.days]
        taken: set[int] = set()
        together, alone = 0, 0
        for need in needs:
            able = {n for n, one in enumerate(self.problem.members) if any(fits(one, need, on) for on in dates)}
            alone = max(alone, need.count)
            if not able & taken:
                together += need.count
                taken |= able
        least = self.problem.parameters.min_home_crew_members
        return max(1, head_count, alone, together, least)
