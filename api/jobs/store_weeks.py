"""Weeks from the store and plans into it, for the worker: what a `plan` job reads and writes.

Its payload holds the week and may hold `base_plan_id`, a plan to stay close to, whose pins hold. With `scenario_id` and
`changes` it is a what-if: its plan is kept apart from those of the week, and shown by the scenario while its changes
are still these.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.jobs.queue import Claim
from api.jobs.refusals import JobRefused
from api.jobs.work import Week
from api.store.database import Database
from api.store.models.plans import PlanState, WeekPlan
from api.store.models.scenarios import Scenario
from api.store.scope import organisation_scope

if TYPE_CHECKING:
    from api.planning import Prepared
    from api.weeks import ChangeFaults, WeekFaults
    from optimizer.model import Pin
    from optimizer.plan import Plan, Result


@dataclass(frozen=True, slots=True)
class StoreWeeks:
    """The organisations' weeks; roads and measured travel times lie in the data folder."""

    data_folder: Path

    def gather(self, database: Database, claim: Claim) -> "Prepared":
        """The week that a job shall plan. Raises JobRefused with every fault of the rows."""
        from api.weeks import (
            ChangeFaults,
            WeekFaults,
            prepare_week,
        )  # here, because maps and tables take seconds to load

        scope = organisation_scope(claim.organisation_id, claim.actor_id or "worker")
        try:
            with database.session(scope, read_only=True) as session:
                earlier, pins = _base(session, claim.payload.get("base_plan_id"))
                return prepare_week(
                    session,
                    claim.organisation_id,
                    claim.payload["week"],
                    self.data_folder,
                    earlier=earlier,
                    pins=pins,
                    changes=claim.payload.get("changes", ()),
                )
        except WeekFaults as error:
            raise JobRefused("INPUT_FAULTS", _in_words(error)) from error
        except ChangeFaults as error:
            raise JobRefused("SCENARIO_FAULTS", _changes_in_words(error)) from error

    def keep(self, session: Session, claim: Claim, week: Week, result: "Result") -> str:
        """Store a judged plan in the session's transaction; its id."""
        from api.planning import Prepared
        from api.weeks import store_plan

        assert isinstance(week, Prepared)
        scenario_id = claim.payload.get("scenario_id")
        row = store_plan(
            session,
            claim.organisation_id,
            claim.payload["week"],
            week,
            result,
            params={**claim.params, **({"scenario_id": scenario_id} if scenario_id else {})},
            base_plan_id=claim.payload.get("base_plan_id"),
            actor=claim.actor_id or "worker",
            state=PlanState.SCENARIO if scenario_id else PlanState.DRAFT,
        )
        if scenario_id:
            _show_in_scenario(session, claim, row.id)
        return row.id


def _show_in_scenario(session: Session, claim: Claim, plan_id: str) -> None:
    """The plan as that of its scenario, unless that is gone or says something else by now."""
    row = session.scalars(select(Scenario).where(Scenario.id == claim.payload["scenario_id"])).one_or_none()
    if row is not None and row.job_id == claim.job_id and row.changes == claim.payload["changes"]:
        row.plan_id = plan_id


def _changes_in_words(error: "ChangeFaults") -> tuple[dict[str, str], ...]:
    return tuple(
        {"code": fault.code, "where": fault.pointer, "advice_zh": fault.advice_zh, "advice_en": fault.advice_en}
        for fault in error.faults
    )


def _base(session: Session, plan_id: Any) -> "tuple[Plan | None, tuple[Pin, ...]]":
    """The plan to stay close to and its pins. Raises JobRefused when there is none of that id in sight."""
    if plan_id is None:
        return None, ()
    from api.weeks import pins_of, plan_of, revision_of

    row = session.scalars(select(WeekPlan).where(WeekPlan.id == plan_id)).one_or_none()
    if row is None:
        raise JobRefused("BASE_PLAN")
    return plan_of(session, row), pins_of(revision_of(session, row))


def _in_words(error: "WeekFaults") -> tuple[dict[str, str], ...]:
    """Faults with the row's own id instead of its number, and without the values found, which may be anything."""
    return tuple(
        {
            "code": fault.code,
            "where": " ".join(
                filter(None, [fault.sheet, error.external_ids.get((fault.sheet, fault.row), ""), fault.column])
            ),
            "advice_zh": fault.advice_zh,
            "advice_en": fault.advice_en,
        }
        for fault in error.faults
    )
