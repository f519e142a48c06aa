"""A plan from documents, with the words put beside its ids: what every export starts from."""

from dataclasses import replace
from datetime import timedelta

from api.week_sheets import Week
from optimizer.check import check
from optimizer.plan import Plan, Result, Status
from optimizer.problem import Problem
from optimizer.tables import Draft, Labels
from optimizer.tables.faults import Log
from optimizer.tables.settings import read_settings


def exported_week(problem: Problem, plan: Plan, labels: Labels) -> Week:
    """The week with the judge's verdict and cost; that a plan is infeasible is told on everything printed."""
    verdict = check(problem, plan)
    status = Status.FEASIBLE if verdict.is_feasible else Status.INFEASIBLE
    return Week(draft_of(problem, labels), problem, Result(plan, status, verdict.cost, verdict.violations))


def draft_of(problem: Problem, labels: Labels) -> Draft:
    """A problem's parts as a draft, for the sheets that read one; what only reading a folder knows has its default."""
    monday = problem.days[0].date - timedelta(days=problem.days[0].date.weekday())
    settings = replace(
        read_settings([], monday, Log()), days=problem.days, parameters=problem.parameters, weights=problem.weights
    )
    return Draft(
        sites=problem.sites,
        teams=problem.teams,
        members=problem.members,
        vehicles=problem.vehicles,
        follow_ups=problem.follow_ups,
        sessions=problem.sessions,
        settings=settings,
        labels=labels,
        notes=(),
        origins={},
    )
