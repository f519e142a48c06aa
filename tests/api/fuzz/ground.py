"""What every run of the fuzz begins with: a county whose township is planned, in one SQLite file, and who may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.access.accounts import NewAccount, add_account
from api.access.api_keys import NewKey, add_key
from api.access.logins import open_login
from api.access.permissions import KEY_ROLES, Role
from api.access.settings import AccessSettings
from api.config import Settings
from api.contract.sources import add_source
from api.demo import write_demo
from api.store.base import now
from api.store.database import Database
from api.store.models.access import Account
from api.store.models.exchange import DeadLetter, OutboxMessage, OutboxState, SyncRun, Topic, WebhookSubscription
from api.store.models.jobs import EventKind, Job, JobEvent, JobKind, JobState
from api.store.models.organisations import Organisation
from api.store.scope import everything, organisation_scope
from api.weeks import import_folder, prepare_week, store_plan
from optimizer.documents import plan_to_json, problem_to_json
from optimizer.solve import SolveParams, solve
from optimizer.tables import monday_of, read_folder

WEEK = "2026-W48"
PLANS = 6
"""Drafts of the same week, so that a published or archived one leaves others to be edited."""
WEBHOOK_SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS1mdXp6LXJ1bi0wMTIzNDU2Nzg5"
PASSWORD = "Fuzz-lange-Probe-7731"
PERSON = "fuzz-person"


@dataclass(frozen=True, slots=True)
class Ground:
    """The file of the database, the sheets it was made from, documents of its week and the callers' secrets."""

    database: Path
    folder: Path
    county_id: str
    own_id: str
    foreign_id: str
    problem: str
    plan: str
    secrets: Mapping[Role, str]
    """A bearer token for every role: a key, or the token of a sign-in where a role has no keys."""
    spared: frozenset[str]
    """Ids that no request may name, since the callers themselves hang on them."""


def settings_in(folder: Path) -> Settings:
    """Settings of a demo without a limit of requests."""
    values = {"mode": "demo", "data_dir": folder, "requests_per_minute": 0, "address_requests_per_minute": 0}
    return Settings.from_values(values)


def open_store(file: Path) -> Database:
    """The database in a file."""
    return Database(f"sqlite:///{file}", Settings(mode="demo").key_ring)


def make_ground(folder: Path, people: int = 3000) -> Ground:
    """A new ground in an empty folder; takes some seconds."""
    lists = folder / "lists"
    lists.mkdir()
    write_demo(lists, 1, people, monday_of(WEEK))
    file = folder / "ground.sqlite"
    database = open_store(file)
    database.migrate()
    county, own, foreign = _organisations(database)
    documents = _planned(database, own, lists, folder)
    secrets, spared = _callers(database, county, own)
    _exchange(database, own)
    _exchange(database, foreign)
    database.close()
    return Ground(file, lists, county, own, foreign, *documents, secrets, spared)


def _organisations(database: Database) -> tuple[str, str, str]:
    with database.session(everything("fuzz")) as session:
        county = Organisation(external_id="C1", name="测试县", kind="county")
        session.add(county)
        session.flush()
        own = Organisation(external_id="T1", parent_id=county.id)
        foreign = Organisation(external_id="T9")
        session.add_all([own, foreign])
        session.flush()
        return county.id, own.id, foreign.id


def _planned(database: Database, organisation_id: str, lists: Path, folder: Path) -> tuple[str, str]:
    """The week stored several times as drafts; gives its problem and plan documents."""
    with database.session(organisation_scope(organisation_id, "fuzz")) as session:
        import_folder(session, organisation_id, read_folder(lists), monday=monday_of(WEEK))
    with database.session(organisation_scope(organisation_id, "fuzz"), read_only=True) as session:
        prepared = prepare_week(session, organisation_id, WEEK, folder)
    result = solve(prepared.problem, SolveParams(iterations=200, workers=1))
    plans = []
    with database.session(organisation_scope(organisation_id, "fuzz")) as session:
        for _ in range(PLANS):
            plans.append(store_plan(session, organisation_id, WEEK, prepared, result).id)
        session.add_all(_jobs(organisation_id, plans[0]))
    return problem_to_json(prepared.problem), plan_to_json(result.plan)


def _jobs(organisation_id: str, plan_id: str) -> list[Any]:
    """An ended job with an event, and one that nobody takes up."""
    ended = Job(
        id="e" * 32,
        organisation_id=organisation_id,
        kind=JobKind.PLAN,
        state=JobState.COMPLETED,
        payload={"week": WEEK},
        finished_at=now(),
        result_plan_id=plan_id,
        last_event=1,
    )
    event = JobEvent(
        organisation_id=organisation_id, job_id=ended.id, number=1, kind=EventKind.STATE, data={"state": "completed"}
    )
    waiting = Job(organisation_id=organisation_id, kind=JobKind.PLAN, payload={"week": WEEK})
    return [ended, event, waiting]


def _callers(database: Database, county: str, own: str) -> tuple[dict[Role, str], frozenset[str]]:
    """Tokens by role, and the ids of what they hang on; beside them an account and a key that may be taken away."""
    secrets, spared, moment, settings = {}, set(), now(), AccessSettings()
    with database.session(everything("fuzz")) as session:
        for role in Role:
            where = county if role in {Role.COUNTY_ADMIN, Role.AUDITOR, Role.SECURITY_ADMIN} else own
            if role in KEY_ROLES:
                teams = ("T01",) if role is Role.TEAM_LEADER else ()
                new = NewKey(name="fuzz", organisation_id=where, role=role, team_external_ids=teams)
                key, text = add_key(session, new, settings, moment)
                secrets[role] = text.text
                spared.add(key.id)
            else:
                account = _account(session, where, role)
                secrets[role] = open_login(session, account, settings, moment, has_second_factor=True).token
                spared.add(account.id)
        person = NewAccount(name=PERSON, organisation_id=own, roles=("clinician",), team_external_ids=("T01",))
        spared.add(add_account(session, person, PASSWORD, moment, must_change_password=False).id)
        _account(session, own, Role.ANALYST)
        add_key(session, NewKey(name="free", organisation_id=own, role="analyst"), settings, moment)
    return secrets, frozenset(spared)


def _account(session: Any, where: str, role: Role) -> Account:
    account = Account(
        name=f"fuzz-{role}",
        organisation_id=where,
        roles=[role],
        team_external_ids=["T01"],
        member_external_id="M001",
        password_changed_at=now(),
    )
    session.add(account)
    session.flush()
    return account


def _exchange(database: Database, organisation_id: str) -> None:
    """A contract system with a run, a dead letter, a message and somebody who is told about plans."""
    with database.session(organisation_scope(organisation_id, "fuzz")) as session:
        source = add_source(
            session,
            organisation_id,
            name="contract",
            vendor="xunzhen",
            base_url="http://127.0.0.1:9",
            webhook_secret=WEBHOOK_SECRET,
        )
        here = {"organisation_id": organisation_id}
        session.add(WebhookSubscription(**here, url="http://127.0.0.1:9/", events=["plan.published"], secret="s" * 40))
        of_source = {**here, "source_id": source.id}
        reason = {"code": "X", "pointer": "", "expected": "", "advice_zh": "无", "advice_en": "none"}
        session.add(SyncRun(**of_source, kind="pull", state="completed", started_at=now(), finished_at=now()))
        session.add(DeadLetter(**of_source, kind="record", reference="F9", reasons=[reason]))
        told = {"external_id": "F00001", "state": "planned", "plan_date": "2026-11-25", "half_day": "am"}
        message = OutboxMessage(**of_source, topic=Topic.APPOINTMENT, order_key="k", week=WEEK, payload=told)
        message.state = OutboxState.DEAD
        session.add(message)
