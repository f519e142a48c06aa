"""The hand-made week in a store, published, with the application over it and keys to ask it with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from api.access.accounts import NewAccount, add_account
from api.access.api_keys import NewKey, add_key
from api.access.logins import sign_in
from api.access.permissions import Role
from api.access.settings import AccessSettings
from api.config import Settings
from api.exports.week import draft_of
from api.planning import Prepared
from api.service.app import create_app
from api.store.audit import verify_all
from api.store.base import now
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.residents import Resident
from api.store.models.resources import Member, Site, Team, Vehicle
from api.store.scope import everything, organisation_scope
from api.week_sheets import Week
from api.weeks import publish, store_plan
from geodata import GreatCircle
from optimizer.model import SiteKind
from optimizer.tables import Labels
from tests.api.exports.weeks import ADDRESS, NAMES, PHONE, a_printed_week, labels
from tests.api.store.databases import add_organisation

WEEK = "2026-W48"
PASSWORD = "Correct-horse-7"
SETTINGS = Settings(mode="demo", public_url="https://plan.example")


@dataclass(frozen=True, slots=True)
class Stored:
    """Ids of an organisation and of its plan."""

    database: Database
    organisation_id: str
    plan_id: str

    def key(self, role: Role, *teams: str) -> str:
        """A fresh key of a role in the organisation."""
        return key_of(self.database, self.organisation_id, role, *teams)


def client_of(database: Database, settings: Settings = SETTINGS) -> TestClient:
    """A client of the application."""
    return TestClient(create_app(settings, database))


def key_of(database: Database, organisation_id: str, role: Role, *teams: str) -> str:
    """A fresh key."""
    new = NewKey(name="tests", organisation_id=organisation_id, role=role, team_external_ids=teams)
    with database.session(everything("tests")) as session:
        return add_key(session, new, AccessSettings(), now())[1].text


def login_of(client: TestClient, stored: Stored, member: str, team: str) -> str:
    """The token of a clinician who is a member."""
    new = NewAccount(
        name=f"who-{member}",
        organisation_id=stored.organisation_id,
        roles=(Role.CLINICIAN,),
        team_external_ids=(team,),
        member_external_id=member,
    )
    with stored.database.session(everything("tests")) as session:
        add_account(session, new, PASSWORD, now(), must_change_password=False)
    app: Any = client.app
    return sign_in(app.state.door, new.name, PASSWORD).token


def publish_week(database: Database, external_id: str = "T1", *, is_published: bool = True) -> Stored:
    """An organisation with the rows behind the hand-made week, and its plan."""
    week = a_printed_week(words=Labels())
    organisation_id = add_organisation(database, external_id)
    with database.session(everything("tests")) as session:
        session.add_all(rows_of(week, organisation_id))
        session.flush()
        residents = {
            row.external_id: row.id for row in session.query(Resident).filter_by(organisation_id=organisation_id)
        }
        session.add_all(
            FollowUp(
                organisation_id=organisation_id,
                external_id=item.id,
                resident_id=residents[item.resident],
                site="v1" if item.site in ("h1", "h2") else "v2",
                team=item.team,
                rule=item.rule,
                due=item.due,
            )
            for item in week.problem.follow_ups
        )
    prepared = Prepared(draft_of(week.problem, Labels()), week.problem, GreatCircle(1.0), None)
    with database.session(organisation_scope(organisation_id, "tests")) as session:
        plan = store_plan(session, organisation_id, WEEK, prepared, week.result)
        if is_published:
            publish(session, plan.id)
        return Stored(database, organisation_id, plan.id)


def rows_of(week: Week, organisation_id: str) -> list[Any]:
    """Sites, teams, members, vehicles and residents with their words."""
    words, common = labels(), {"organisation_id": organisation_id}
    rows: list[Any] = [
        Site(
            external_id=site.id,
            name=words.sites[site.id],
            kind=site.kind.value,
            latitude=site.latitude,
            longitude=site.longitude,
            **common,
        )
        for site in week.problem.sites
        if site.kind is not SiteKind.HOUSEHOLD
    ]
    rows += [
        Team(external_id=team.id, name=words.teams[team.id], base=team.base, **common) for team in week.problem.teams
    ]
    rows += [
        Vehicle(
            external_id=one.id, name=words.vehicles[one.id], mode=one.mode, seats=one.seats, base=one.base, **common
        )
        for one in week.problem.vehicles
    ]
    for member in week.problem.members:
        person = words.members.get(member.id)
        row = Member(external_id=member.id, role=member.role, team=member.team, field="每天", **common)
        row.name, row.phone = (person.name, person.phone) if person else (None, None)
        rows.append(row)
    for item in week.problem.follow_ups:
        resident = Resident(external_id=item.resident, team=item.team, **common)
        resident.name, resident.phone, resident.address = NAMES[item.id], PHONE, ADDRESS
        rows.append(resident)
    return rows


def entries(database: Database, action: str) -> list[AuditEntry]:
    """The audit entries of an action, in order."""
    with database.session(everything("tests"), read_only=True) as session:
        assert verify_all(session) == []
        query = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(query.order_by(AuditEntry.chain, AuditEntry.number)))
