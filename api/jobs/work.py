"""What is done with a held job: get its problem, solve it, let the judge look, and end it in one transaction.

A week plan is stored in the transaction that ends its job, so a job that has ended has its plan and there is one only.
"""

import dataclasses
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from api.jobs import queue
from api.jobs.engines import Engine
from api.jobs.held import Held, Why
from api.jobs.messages import Found, Order, Solved, expanded, hash_of
from api.jobs.queue import Claim, Ending
from api.jobs.reading import get_problem
from api.jobs.refusals import REASONS, JobRefused
from api.store.database import Database
from api.store.models.jobs import Job, JobKind, JobState
from api.store.scope import everything

if TYPE_CHECKING:
    from optimizer.plan import Result
    from optimizer.problem import Problem

PATIENCE_SECONDS = 60.0
"""How long a write waits for a database that does not answer; the work of minutes is not thrown away for a moment."""
UNREACHABLE = (OperationalError, InterfaceError)
KEEPS_BEST = ("STOPPED", "TOO_LONG")
"""Ends of a search after which the best plan so far is the answer."""
SPARE_SECONDS = 120.0
"""For loading, building the models and the last steps, on a busy machine."""

Value = TypeVar("Value")


class Week(Protocol):
    """The gathered week of an organisation, ready to be planned."""

    @property
    def problem(self) -> "Problem":
        """The problem, with opaque ids only."""


class Weeks(Protocol):
    """Gathers weeks from the store and puts plans into it. Both raise JobRefused when the data does not allow it."""

    def gather(self, database: Database, claim: Claim) -> Week:
        """The week that a job shall plan."""

    def keep(self, session: Session, claim: Claim, week: Week, result: "Result") -> str:
        """Store a judged plan in the session's transaction; its id."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one solve may use."""

    memory_bytes: int | None = 4 << 30
    most_seconds: float = 3600.0
    """For a search counted in iterations, and the most that may be asked for in seconds."""

    def deadline_seconds(self, seconds: float | None) -> float:
        """When a process is killed."""
        return min(seconds, self.most_seconds) + SPARE_SECONDS if seconds is not None else self.most_seconds


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything the work needs."""

    database: Database
    engine: Engine
    weeks: Weeks
    limits: Limits = Limits()


def carry_out(shop: Shop, held: Held) -> JobState | None:
    """Do a held job to its end; the state it ends in, or None when it went back or was lost.

    Raises JobRefused when there is no plan and LostJob when another worker has the job.
    """
    claim = held.claim
    week = shop.weeks.gather(shop.database, claim) if claim.kind is JobKind.PLAN else None
    document = _document_of(shop, claim, week)
    input_hash = hash_of(document)
    written(shop.database, lambda session: queue.begin_solving(session, claim, input_hash))
    solved = _solved(shop, held, document)
    if held.why is Why.LOST:
        return None
    if held.why is Why.LEAVING:
        found = solved.found if solved is not None else None
        written(shop.database, lambda session: queue.give_back(session, claim, found=found))
        return None
    best = _best(shop, held, document, solved)
    if best is None:
        raise JobRefused("STOPPED")
    return _end(shop, held, week, best)


def written(database: Database, write: Callable[[Session], Value]) -> Value:
    """The answer of a write in a transaction of its own, tried again while the database does not answer."""
    give_up_at, pause_seconds = time.monotonic() + PATIENCE_SECONDS, 0.1
    while True:
        try:
            with database.session(everything("worker")) as session:
                return write(session)
        except UNREACHABLE:
            if time.monotonic() >= give_up_at:
                raise
        time.sleep(pause_seconds)
        pause_seconds = min(2.0, 2 * pause_seconds)


def _document_of(shop: Shop, claim: Claim, week: Week | None) -> str:
    if week is None:
        with shop.database.session(everything("worker"), read_only=True) as session:
            return get_problem(session, claim.job_id)
    from optimizer.documents import problem_to_json

    return problem_to_json(week.problem)


def _solved(shop: Shop, held: Held, document: str) -> Solved | None:
    """The engine's answer; None when it was stopped before it had one. Raises JobRefused."""
    claim = held.claim
    params = {**claim.params, "seed": claim.seed}
    deadline = shop.limits.deadline_seconds(params.get("seconds"))
    try:
        order = Order(document, params, deadline, shop.limits.memory_bytes)
        return shop.engine.run(order, held.on_message, held.shall_stop)
    except JobRefused as error:
        if error.reason.code not in KEEPS_BEST:
            raise
        return None


def _best(shop: Shop, held: Held, document: str, solved: Solved | None) -> Solved | None:
    """The better one of this answer and the plan kept on the way or from earlier attempts; None: there is none."""
    kept = _kept(shop, held)
    if kept is None or (solved is not None and solved.found.rank <= kept.rank):
        return solved
    return _as_solved(document, kept, held.claim.seed, is_cancelled=held.why is Why.CANCELLED)


def _kept(shop: Shop, held: Held) -> Found | None:
    """The best plan of the job so far, in the database or not yet written."""
    _, unwritten = held.news()
    columns = (Job.best_plan, Job.best_cost, Job.best_is_feasible)
    with shop.database.session(everything("worker"), read_only=True) as session:
        plan, cost, is_feasible = session.execute(select(*columns).where(Job.id == held.claim.job_id)).one()
    stored = Found(expanded(plan), cost or 0, bool(is_feasible), 0) if plan is not None else None
    both = [found for found in (stored, unwritten) if found is not None]
    return min(both, key=lambda found: found.rank, default=None)


def _as_solved(document: str, kept: Found, seed: int, *, is_cancelled: bool) -> Solved:
    """A kept plan as the answer, judged anew."""
    from optimizer.documents import plan_from_json, problem_from_json, result_to_json

    problem = problem_from_json(document)
    result = judged(problem, kept.document, seed, is_cancelled=is_cancelled)
    found = dataclasses.replace(kept, cost=result.cost.total, unplanned=len(plan_from_json(kept.document).unplanned))
    return Solved(found, result_to_json(result), is_cancelled)


def judged(problem: "Problem", plan_document: str, seed: int, *, is_cancelled: bool) -> "Result":
    """A plan document as a result with the judge's verdict and nobody else's."""
    from optimizer.check import check
    from optimizer.documents import plan_from_json
    from optimizer.plan import Result, Status

    plan = plan_from_json(plan_document)
    verdict = check(problem, plan)
    return Result(
        plan=plan,
        status=Status.FEASIBLE if verdict.is_feasible else Status.INFEASIBLE,
        cost=verdict.cost,
        violations=verdict.violations,
        seed=seed,
        cancelled=is_cancelled,
    )


def _result(problem: "Problem", best: Solved, seed: int) -> "Result":
    """The answer as a result: verdict from the judge, shortages and figures of the run from the answer."""
    from optimizer.plan import Shortage

    told = json.loads(best.result)
    result = judged(problem, best.found.document, seed, is_cancelled=best.is_cancelled)
    shortages = tuple(Shortage(**each) for each in told["shortages"])
    return dataclasses.replace(result, shortages=shortages, statistics=told["statistics"], bound=told["bound"])


def _end(shop: Shop, held: Held, week: Week | None, best: Solved) -> JobState:
    """End the job with its plan."""
    result = _result(week.problem, best, held.claim.seed) if week is not None else None
    is_feasible = best.found.is_feasible if result is None else not result.violations
    state = JobState.COMPLETED if is_feasible else JobState.INFEASIBLE
    if held.why is Why.CANCELLED:
        state = JobState.CANCELLED

    def write(session: Session) -> None:
        queue.require_held(session, held.claim)
        plan_id = None
        if week is not None and result is not None:
            plan_id = shop.weeks.keep(session, held.claim, week, result)
        queue.finish(session, held.claim, Ending(state, best.found, best.result, plan_id))

    written(shop.database, write)
    return state


def refuse(shop: Shop, held: Held, error: JobRefused) -> JobState:
    """End or give back a job that could not be done; the state that follows. Raises LostJob."""
    reason, claim = error.reason, held.claim
    if held.why is Why.CANCELLED and reason.code in KEEPS_BEST:
        return written(shop.database, lambda session: _cancel(session, claim))
    if error.faults:
        ending = Ending(JobState.FAILED, reason=reason, faults=error.faults)
        written(shop.database, lambda session: queue.finish(session, claim, ending))
        return JobState.FAILED
    _, found = held.news()
    return written(shop.database, lambda session: queue.give_back(session, claim, reason, found))


def _cancel(session: Session, claim: Claim) -> JobState:
    queue.finish(session, claim, Ending(JobState.CANCELLED))
    return JobState.CANCELLED


def crashed(shop: Shop, held: Held) -> JobState:
    """Give back a job whose work ended in an error of our own. Raises LostJob."""
    return written(shop.database, lambda session: queue.give_back(session, held.claim, REASONS["INTERNAL"]))
