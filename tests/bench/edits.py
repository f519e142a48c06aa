"""How long an edit with check and price, a recommendation and a replanning take on a week of a township.

`python -m tests.bench edits --people 60000 --solve-seconds 30 --samples 200`, or with `--folder OUT` on the
problem.json and plan.json that `xunzhen plan` wrote there. Figures are milliseconds: by the clock of the wall, and of
the processor, which counts on a machine that does other work too. Every price is compared with the judge's. The week
is frozen out of the garbage collector first, as a service does with what it keeps loaded; `--no-freeze` leaves it in.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from optimizer.check import Verdict, check
from optimizer.documents import plan_from_json, problem_from_json
from optimizer.edits import AddFollowUp, Edit, Later, MoveFollowUp, MoveSession, MoveStop, edit_plan, recommend
from optimizer.model import Channel
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.replan import ReplanParams, before_half_day, replan
from optimizer.solve import SolveParams, solve
from tests.bench.joint import overloaded_week

Rng = np.random.Generator
Answer = TypeVar("Answer")
WEDNESDAY = 2


def main(argv: list[str]) -> int:
    """Run the bench; 1 when a price is not the judge's."""
    options = _options(argv)
    problem, plan = _week(options)
    if options.freeze:
        gc.collect()
        gc.freeze()
    rng, before = np.random.default_rng(options.seed), check(problem, plan)
    homes = sum(not stop.session for crew in plan.crews for stop in crew.stops)
    seen = sum(len(stop.follow_ups) for crew in plan.crews for stop in crew.stops if stop.session)
    print(f"{len(problem.follow_ups)} follow-ups, {len(plan.crews)} crews, {homes} home stops, {seen} attendees")
    wrong = 0
    edits = [edit for edit in (_an_edit(rng, problem, plan) for _ in range(options.samples)) if edit is not None]
    wrong += _measured_edits("edit, verdict before known", problem, plan, edits, before)
    wrong += _measured_edits("edit, verdict before unknown", problem, plan, edits, None)
    served = [name for crew in plan.crews for stop in crew.stops if not stop.session for name in stop.follow_ups]
    attending = [name for crew in plan.crews for stop in crew.stops if stop.session for name in stop.follow_ups]
    for kind, names in (
        ("left", [left.id for left in (*plan.unplanned, *plan.deferred)]),
        ("at home", served),
        ("at a session", attending),
        ("by phone", [call.follow_up for call in plan.phone_calls]),
    ):
        wrong += _measured_advice(f"recommend, {kind}", problem, plan, _some(rng, names, options.samples // 4), before)
    _measured_replans(problem, plan)
    return 1 if wrong else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench edits", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--solve-seconds", type=float, default=30.0)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--freeze", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args(argv)


def _week(options: argparse.Namespace) -> tuple[Problem, Plan]:
    """The week of a folder, or a generated one that is solved first."""
    if options.folder:
        problem = problem_from_json((options.folder / "problem.json").read_text(encoding="utf-8"))
        return problem, plan_from_json((options.folder / "plan.json").read_text(encoding="utf-8"))
    problem = overloaded_week(options.seed, options.people, 100)
    return problem, solve(problem, SolveParams(seed=options.seed, seconds=options.solve_seconds)).plan


def _some(rng: Rng, names: list[str], count: int) -> list[str]:
    return [names[int(number)] for number in rng.permutation(len(names))[:count]]


def _an_edit(rng: Rng, problem: Problem, plan: Plan) -> Edit | None:
    """What a leader does on a board: a stop dragged, a follow-up left or added, a session moved."""
    crews, kind = plan.crews, int(rng.integers(5))
    crew, other = crews[int(rng.integers(len(crews)))], crews[int(rng.integers(len(crews)))]
    stop = crew.stops[int(rng.integers(len(crew.stops)))]
    if kind <= 1 and not stop.session:
        return MoveStop(crew.id, crew.stops.index(stop), other.id)
    if kind == 2:
        return MoveFollowUp(stop.follow_ups[0], Later()) if stop.follow_ups else None
    if kind == 3 and stop.session:
        return MoveSession(stop.session, int(rng.integers(2 * len(problem.days))))
    left = [one.id for one in plan.unplanned] or [one.id for one in plan.deferred]
    slots = recommend(problem, plan, left[int(rng.integers(len(left)))]).refused if left else ()
    return slots[0].edit if slots and isinstance(slots[0].edit, AddFollowUp) else None


def _measured_edits(name: str, problem: Problem, plan: Plan, edits: list[Edit], before: Verdict | None) -> int:
    """Times of edits; returns how many prices differ from the judge's costs."""
    times, wrong, old = [], 0, check(problem, plan).cost.total
    for edit in edits:
        edited, spent = _timed(partial(edit_plan, problem, plan, [edit], before))
        times.append(spent)
        wrong += edited.price.total != check(edited.problem, edited.plan).cost.total - old
    _print(name, times, wrong)
    return wrong


def _measured_advice(name: str, problem: Problem, plan: Plan, names: list[str], before: Verdict) -> int:
    """Times of recommendations; returns how many prices differ from what applying the slot costs."""
    times, wrong = [], 0
    for follow_up in names:
        asked, spent = _timed(partial(recommend, problem, plan, follow_up))
        times.append(spent)
        for slot in (*asked.slots[:1], *asked.refused[:1]):
            wrong += edit_plan(problem, plan, [slot.edit], before).price != slot.price
    _print(name, times, wrong)
    return wrong


def _measured_replans(problem: Problem, plan: Plan) -> None:
    """A doctor who is away on Wednesday and something urgent, with several budgets of changes."""
    today = _disturbed(problem, plan)
    for most, rounds in ((0, 0), (10, 0), (10, 20)):
        params = ReplanParams(max_changes=most, iterations=rounds, freeze_until=before_half_day(today, 2 * WEDNESDAY))
        answer, (wall, cpu) = _timed(partial(replan, today, plan, params))
        print(
            f"replan, at most {most} changes, {rounds} rounds: {wall / 1000:.1f} s (processor {cpu / 1000:.1f} s), "
            f"{len(answer.changes)} changes of which {answer.forced} forced, "
            f"cost {answer.repaired_cost} repaired, {answer.verdict.cost.total} now"
        )


def _disturbed(problem: Problem, plan: Plan) -> Problem:
    """Without Wednesday's first doctor, and with one more P0 at home."""
    names = [name for crew in plan.crews if crew.half_days[0] // 2 == WEDNESDAY for name in crew.members]
    doctor = next(name for name in names if problem.members[problem.member_number[name]].role == "GP")
    members = tuple(
        replace(one, field_half_days=tuple(half for half in one.field_half_days if half // 2 != WEDNESDAY))
        if one.id == doctor
        else one
        for one in problem.members
    )
    urgent = next(
        item
        for item in problem.follow_ups
        if item.priority == 0 and item.joint is None and any(one.channel is Channel.HOME for one in item.channels)
    )
    day = problem.days[WEDNESDAY].date
    latest = problem.days[WEDNESDAY + 1].date
    urgent = replace(urgent, id="URGENT", resident="URGENT", household="", deadline_seconds=None)
    urgent = replace(urgent, earliest=day, due=day, latest=latest)
    return replace(problem, members=members, follow_ups=(*problem.follow_ups, urgent))


def _timed(work: Callable[[], Answer]) -> tuple[Answer, tuple[float, float]]:
    """An answer, and the milliseconds of wall and processor it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return answer, ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def _print(name: str, times: list[tuple[float, float]], wrong: int) -> None:
    if not times:
        print(f"{name}: nothing to ask")
        return
    walls, cpus = (np.array([one[kind] for one in times]) for kind in (0, 1))
    figures = " ".join(
        f"{what} p50 {np.percentile(values, 50):.0f} p95 {np.percentile(values, 95):.0f} max {values.max():.0f} ms"
        for what, values in (("wall", walls), ("| processor", cpus))
    )
    print(f"{name}: {len(times)} times, {figures}, {wrong} prices wrong", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
