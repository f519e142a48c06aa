"""How many joint visits of two teams find a place in an overloaded week, by what leaving one costs.

`python -m tests.bench pairs --seeds 1,2,3 --seconds 30 --percents 0,100,10000`

Of the 400 visits of a measured week at 113 % load 20 are joint. Percents are added to the price of leaving one, as the
setting `joint_percent` does: 100, its default, is the time of two teams; 10000 puts joint visits first.
"""

import argparse
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.routing import RoutingInput, search, warm
from optimizer.stop import Budget
from tests.bench.weeks.demo import judge
from tests.bench.weeks.ours import input_of
from tests.bench.weeks.recipe import COMMON_SKILLS, PENALTY_TENTHS, Week, make_week

SIZE, PAIRS = 400, 20
PRIORITIES = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Placed:
    """What a run placed: joint visits by priority with how many there are, single visits left, cost at 0 percent."""

    joint: dict[int, tuple[int, int]]
    single_left: int
    cost_minutes: float
    is_valid: bool

    @property
    def count(self) -> int:
        """Joint visits placed."""
        return sum(placed for placed, _ in self.joint.values())


def joint_visits(week: Week, seed: int) -> list[int]:
    """Twenty visits that ask for a common skill or none; sessions are not among them."""
    common = [v for v in range(week.clinics + 1, week.count + 1) if week.skill[v] < COMMON_SKILLS]
    return sorted(int(v) for v in np.random.default_rng(seed).choice(common, PAIRS, replace=False))


def joint_input(week: Week, joint: list[int], percent: int) -> RoutingInput:
    """The week with a second half for every joint visit, as further nodes."""
    given = input_of(week)
    nodes = [*range(week.count + 1), *joint]
    changed: dict[str, Any] = {
        "matrices": given.matrices[:, nodes][:, :, nodes].copy(),
        "cost": given.cost[nodes].copy(),
        "windows": given.windows[nodes].copy(),
        "window_count": given.window_count[nodes].copy(),
    }
    changed |= {name: getattr(given, name)[nodes].copy() for name in PER_NODE}
    larger = replace(given, **changed)
    for number, visit in enumerate(joint, start=week.count + 1):
        larger.partner[visit], larger.partner[number] = number, visit
        larger.penalty[number] = 0
        larger.penalty[visit] = larger.penalty[visit] * (100 + percent) // 100
        larger.cost[number] = np.minimum(larger.cost[number], 0)  # continuity is the leading half's
    return larger


PER_NODE = ("service", "load", "penalty", "rank", "partner", "pinned", "group")


def run(week: Week, seed: int, percent: int, budget: Budget) -> Placed:
    """One search, its plan judged by the plain rules."""
    joint = joint_visits(week, seed)
    given = joint_input(week, joint, percent)
    answer = search(given, seed=seed, budget=budget)
    absent = set(answer.absent)
    by_priority = {}
    for priority in PRIORITIES:
        mine = [v for v in joint if week.penalty_tenths[v] == PENALTY_TENTHS[priority]]
        by_priority[priority] = (sum(v not in absent for v in mine), len(mine))
    extra = sum(int(given.penalty[v] - week.penalty_tenths[v]) for v in joint if v in absent)
    single = sum(v <= week.count and v not in joint for v in absent)
    return Placed(by_priority, single, (answer.cost - extra) / 10, judge(given, answer) == answer.cost)


def main(argv: list[str]) -> int:
    """Run the bench; 1 when a plan does not pass the judge or the default leaves a joint visit of priority 2 to 4."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench pairs", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=_numbers, default=[1, 2, 3])
    parser.add_argument("--percents", type=_numbers, default=[0, 100, 10_000])
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args(argv)
    warm()
    is_short = False
    print("seed  percent  placed  priority 1, 2, 3, 4          single left  cost at 0 %  valid  CPU s")
    for seed in options.seeds:
        week = make_week(SIZE, seed)
        for percent in options.percents:
            begun = time.process_time()
            found = run(week, seed, percent, Budget(seconds=options.seconds))
            spent = time.process_time() - begun
            words = ", ".join(f"{placed} of {count}" for placed, count in found.joint.values())
            print(
                f"{seed:4d}  {percent:6d}   {found.count:2d} of {PAIRS}  {words:26}  {found.single_left:6d}"
                f"  {found.cost_minutes:15.1f}  {'yes' if found.is_valid else 'NO':5}  {spent:5.1f}",
                flush=True,
            )
            urgent_left = any(placed < count for priority, (placed, count) in found.joint.items() if priority >= 2)
            is_short |= not found.is_valid or (percent >= 100 and urgent_left)
            is_short |= percent >= 10_000 and found.count < PAIRS
    return 1 if is_short else 0


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]
