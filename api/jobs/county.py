"""A whole county: a plan job for every township of it, and where they all stand."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.jobs.queue import NewJob, enqueue, natural_key_of
from api.store.database import Database
from api.store.models.jobs import ENDED, Job, JobKind, JobState
from api.store.models.organisations import Organisation, OrganisationKind
from api.store.scope import everything

PLANNED = (OrganisationKind.TOWNSHIP_HOSPITAL, OrganisationKind.COMMUNITY_CENTRE)
"""Kinds of organisations that have teams of their own."""
IN_BULK = 5
"""Behind what somebody waits for."""


class NoCounty(ValueError):
    """The county is not known, or has nothing to plan."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the job of one organisation stands."""

    organisation: str
    """External id."""
    job_id: str
    state: JobState
    phase: str | None
    share: float | None
    cost: int | None
    unplanned: int | None
    message_zh: str | None
    message_en: str | None
    faults: tuple[dict[str, str], ...] = ()
    """Why the rows of the organisation cannot be planned from."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens."""
        return self.state in ENDED


def list_townships(session: Session, county: str | None) -> list[Organisation]:
    """The active organisations to plan below a county (its external id; None: the only one), by external id.

    Raises NoCounty.
    """
    rows = session.scalars(select(Organisation).where(Organisation.is_active)).all()
    known = [row for row in rows if row.kind == OrganisationKind.COUNTY]
    counties = known if county is None else [row for row in rows if row.external_id == county]
    if len(counties) != 1:
        names = ", ".join(sorted(row.external_id for row in known)) or "-"
        raise NoCounty(f"请用 --county 指明县；已有：{names} / name the county with --county; there are: {names}")
    below, found = {counties[0].id}, [counties[0]]
    while found:
        found = [row for row in rows if row.parent_id in below and row.id not in below]
        below |= {row.id for row in found}
    townships = sorted(
        (row for row in rows if row.id in below and row.kind in PLANNED), key=lambda row: row.external_id
    )
    if not townships:
        raise NoCounty("该县没有可计划的乡镇 / there is no township to plan in this county")
    return townships


def enqueue_county(
    database: Database, county: str | None, week: str, params: dict[str, Any], seed: int, actor: str
) -> list[str]:
    """Ids of the jobs, one per township; one that is open for the same wish is taken again. Raises NoCounty."""
    payload = {"week": week}
    with database.session(everything(actor)) as session:
        return [
            enqueue(
                session,
                NewJob(
                    organisation_id=township.id,
                    kind=JobKind.PLAN,
                    payload=payload,
                    params=params,
                    seed=seed,
                    natural_key=natural_key_of(payload, params, seed),
                    priority=IN_BULK,
                ),
            )[0].id
            for township in list_townships(session, county)
        ]


def standings(database: Database, job_ids: Collection[str]) -> list[Standing]:
    """Where the jobs stand, by the external ids of their organisations."""
    wanted = select(Job, Organisation.external_id).join(Organisation, Organisation.id == Job.organisation_id)
    with database.session(everything("console"), read_only=True) as session:
        rows = session.execute(wanted.where(Job.id.in_(job_ids)).order_by(Organisation.external_id)).all()
    return [
        Standing(
            organisation=name,
            job_id=job.id,
            state=JobState(job.state),
            phase=job.progress_phase,
            share=job.progress_share,
            cost=job.best_cost if job.state in ENDED else job.progress_cost,
            unplanned=job.progress_unplanned,
            message_zh=job.message_zh,
            message_en=job.message_en,
            faults=tuple(job.faults or ()),
        )
        for job, name in rows
    ]
