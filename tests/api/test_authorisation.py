"""Every route x every role x own and foreign organisation, made from the application's own OpenAPI document.

What is expected comes from the table of permissions alone. A route without a decision (`x-action`) fails, and so does
one that lets a caller see or change anything of an organisation that is not the caller's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from api.access.api_keys import NewKey, add_key
from api.access.dependencies import action
from api.access.logins import open_login
from api.access.permissions import ACTIONS, PERMISSIONS, PUBLIC, SYSTEM_ROLES, Reach, Role
from api.access.settings import AccessSettings
from api.config import Settings
from api.service.app import create_app
from api.store.base import now
from api.store.database import Database
from api.store.models.access import Account
from api.store.models.resources import Site
from api.store.scope import everything
from tests.api.access.calls import Call, Operation, call_of, operations
from tests.api.access.seeds import MEMBER, TEAM, Seeds, audit_count, seed, snapshot
from tests.api.store.databases import add_organisation, empty_sqlite, sqlite_template

__all__ = ["sqlite_template"]

NEIGHBOUR, FOREIGN = "GEHEIM-NAH", "GEHEIM-FERN"
"""Marks of what only others may read."""

COUNTY_ROLES = frozenset({role for role in Role if PERMISSIONS["organisations:read"].get(role) is Reach.COUNTY})
DOOR = frozenset({"NOT_SIGNED_IN", "NOT_ALLOWED", "FOREIGN_ORGANISATION", "CSRF_TOKEN_MISSING"})
"""Codes with which the door refuses; other problems are about the content of a request."""
ROW_BY_ROW = Reach.OWN_CREW
"""At this reach a route also asks whose crew goes where, which the table cannot tell."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all worlds begin with: a migrated database with rows of three organisations, and the document."""

    file: Path
    document: dict[str, Any]
    county_id: str
    own: Seeds
    neighbour: Seeds
    foreign: Seeds


@dataclass(slots=True)
class World:
    """The application on its own copy of the ground, and who has signed in."""

    ground: Ground
    client: TestClient
    database: Database
    headers: dict[Role, dict[str, str]] = field(default_factory=dict)

    @property
    def operations(self) -> list[Operation]:
        """Everything that a caller must be allowed to do."""
        return [one for one in operations(self.ground.document) if one.action != PUBLIC]

    def strangers_to(self, role: Role) -> tuple[Seeds, ...]:
        """The organisations that a role of ours must know nothing of; a county's role may see the neighbour."""
        return (self.ground.foreign,) if role in COUNTY_ROLES else (self.ground.foreign, self.ground.neighbour)

    def ask(self, operation: Operation, seeds: Seeds, role: Role | None) -> tuple[Call, "Answer"]:
        """The operation for rows of an organisation, and what a role is answered; None has no credentials."""
        call = call_of(operation, self.ground.document, seeds)
        if role is not None and role not in self.headers:
            self.headers[role] = self._sign_in(role)
        answer = self.client.request(
            call.method,
            call.url,
            params=call.params,
            headers={**call.headers, **(self.headers[role] if role is not None else {})},
            json=call.json,
            data=call.form,
            files=call.files,
            follow_redirects=False,
        )
        if role is not None and operation.action == "self:manage":
            del self.headers[role]  # it may have ended the session
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        return call, Answer(answer.status_code, answer.json()["code"] if is_problem else "", answer.text)

    def _sign_in(self, role: Role) -> dict[str, str]:
        """The credentials of a fresh sign-in of the role's account; systems have a key."""
        where = self.ground.county_id if role in COUNTY_ROLES else self.ground.own.organisation_id
        moment, settings = now(), AccessSettings()
        with self.database.session(everything("tests")) as session:
            if role in SYSTEM_ROLES:
                _, text = add_key(session, NewKey(name="matrix", organisation_id=where, role=role), settings, moment)
                return {"Authorization": f"Bearer {text.text}"}
            account = session.scalar(select(Account).where(Account.name == f"matrix-{role}")) or Account(
                name=f"matrix-{role}",
                organisation_id=where,
                roles=[role],
                team_external_ids=[TEAM],
                member_external_id=MEMBER,
                password_changed_at=moment,
            )
            session.add(account)
            session.flush()
            login = open_login(session, account, settings, moment, has_second_factor=True)
            return {"Authorization": f"Bearer {login.token}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, code of the problem ("" for none) and text of an answer."""

    status: int
    code: str
    text: str

    @property
    def is_refused_by_door(self) -> bool:
        """Whether it says who may do what, and not something about the content of a request."""
        return self.code in DOOR or (self.code == "" and self.status in {401, 403})

    def tells_of(self, *marks: str) -> bool:
        """Whether it holds a mark of a foreign organisation."""
        return any(mark in self.text for mark in marks)


@pytest.fixture(scope="module")
def ground(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A county with two townships, and a township of another county, each with a row in every table."""
    folder = tmp_path_factory.mktemp("ground")
    database = empty_sqlite(sqlite_template, folder)
    app = create_app(Settings.from_values({"mode": "demo", "data_dir": folder}), database)
    county = add_organisation(database, "C1", kind="county")
    own = add_organisation(database, "T1", parent_id=county)
    neighbour = add_organisation(database, f"{NEIGHBOUR}-T2", parent_id=county, name=f"{NEIGHBOUR} T2")
    foreign = add_organisation(database, f"{FOREIGN}-T9", name=f"{FOREIGN} T9")
    pairs = ((own, "OWN"), (neighbour, NEIGHBOUR), (foreign, FOREIGN))
    rows = [seed(database, organisation_id, prefix) for organisation_id, prefix in pairs]
    database.close()  # the last connection brings everything into the one file
    assert not (folder / "xunzhen.sqlite-wal").exists()
    return Ground(folder / "xunzhen.sqlite", app.openapi(), county, *rows)


@pytest.fixture
def world(ground: Ground, tmp_path: Path) -> Iterator[World]:
    """The application on a fresh copy of the ground."""
    database = empty_sqlite(ground.file, tmp_path)
    app = create_app(Settings.from_values({"mode": "demo", "data_dir": tmp_path}), database)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield World(ground, client, database)
    database.close()


def faults_of_own(world: World, operation: Operation, role: Role) -> Iterator[str]:
    """What is wrong with the answer to a request about the own organisation."""
    _, answer = world.ask(operation, world.ground.own, role)
    reach = PERMISSIONS[str(operation.action)].get(role)
    told = f"{operation} as {role}: {answer.status} {answer.code}"
    if reach is None and (answer.status != 403 or answer.code not in {"NOT_ALLOWED", ""}):
        yield f"{told}, but {operation.action} is not for this role"
    if reach is not None and reach is not ROW_BY_ROW and answer.is_refused_by_door:
        yield f"{told}, but {operation.action} is for this role"
    if answer.tells_of(FOREIGN, *(() if role in COUNTY_ROLES else (NEIGHBOUR,))):
        yield f"{told}, and it tells of a foreign organisation"


def faults_of_foreign(world: World, operation: Operation, role: Role, stranger: Seeds) -> Iterator[str]:
    """What is wrong with the answer to a request that names rows of an organisation of others."""
    call, answer = world.ask(operation, stranger, role)
    told = f"{operation} as {role} for foreign rows: {answer.status} {answer.code}"
    if call.names_rows and answer.status < 300 and '"items":[]' not in answer.text:
        yield f"{told}, and not refused: {answer.text[:200]}"
    if answer.tells_of(FOREIGN, *(() if role in COUNTY_ROLES else (NEIGHBOUR,))):
        yield f"{told}, and it tells of a foreign organisation"


def touches_rows(operation: Operation, role: Role) -> bool:
    """Whether a role may do it at all, and with stored rows; what is refused to it is refused whoever is named."""
    return (PERMISSIONS[str(operation.action)].get(role) or Reach.OWN_SELF) > Reach.OWN_SELF


def paths_of(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """The address of every route, also of those in routers that were taken in; the board's files are not routes."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from paths_of(inner.routes)
        elif isinstance(route, Route):
            yield route.path


def undecided(document: Mapping[str, Any]) -> list[str]:
    """Operations that nobody has decided about."""
    return [str(one) for one in operations(document) if one.action not in {PUBLIC, *ACTIONS}]


def test_every_route_has_an_action(ground: Ground) -> None:
    assert undecided(ground.document) == [], "give these routes **action(...)"


def test_every_address_of_the_application_is_in_the_document(world: World, ground: Ground) -> None:
    app = world.client.app
    assert isinstance(app, FastAPI)
    found = set(paths_of(app.routes))
    assert "/v1/login" in found
    hidden = found - ground.document["paths"].keys() - {app.openapi_url}
    assert hidden == set(), "routes outside the document have no decision"


def test_without_credentials_only_public_routes_answer(world: World) -> None:
    faults = []
    for operation in operations(world.ground.document):
        _, answer = world.ask(operation, world.ground.own, None)
        if answer.is_refused_by_door != (operation.action != PUBLIC):
            faults.append(f"{operation}: {answer.status} {answer.code} without credentials")
    assert faults == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_in_the_own_organisation_what_the_table_says(world: World, role: Role) -> None:
    faults = [fault for operation in world.operations for fault in faults_of_own(world, operation, role)]
    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("role", list(Role))
def test_no_role_sees_or_changes_anything_of_others(world: World, role: Role) -> None:
    strangers = world.strangers_to(role)
    ids = tuple(stranger.organisation_id for stranger in strangers)
    before, entries = snapshot(world.database, ids), audit_count(world.database, ids)
    faults = [
        fault
        for operation in world.operations
        if touches_rows(operation, role)
        for stranger in strangers
        for fault in faults_of_foreign(world, operation, role, stranger)
    ]
    assert faults == [], "\n".join(faults)
    after = snapshot(world.database, ids)
    assert {table for table in after if after[table] != before.get(table)} == set()
    assert audit_count(world.database, ids) == entries


def test_a_planted_route_that_looks_past_the_scope_is_found(world: World) -> None:
    app, path = world.client.app, "/v1/sites/{row_id}/planted"
    assert isinstance(app, FastAPI)

    @app.get(path, **action("resources:read"))
    def planted(row_id: str) -> str:
        with world.database.session(everything("tests"), read_only=True) as session:
            return str(session.get_one(Site, row_id).name)

    parameters = [{"name": "row_id", "in": "path", "schema": {"type": "string"}}]
    operation = Operation("get", path, {"parameters": parameters, "x-action": "resources:read"})
    found = list(faults_of_foreign(world, operation, Role.COUNTY_ADMIN, world.ground.foreign))
    assert ["not refused" in fault for fault in found] == [True, False]
    assert "tells of a foreign organisation" in found[1]


def test_a_planted_route_with_the_wrong_action_is_found(world: World) -> None:
    content = {**next(one.content for one in world.operations if one.path == "/v1/sites"), "x-action": "audit:read"}
    operation = Operation("get", "/v1/sites", content)
    assert len(list(faults_of_own(world, operation, Role.TEAM_LEADER))) == 1
    assert len(list(faults_of_own(world, operation, Role.AUDITOR))) == 1


def test_a_planted_route_without_a_decision_is_found(ground: Ground) -> None:
    planted: dict[str, Any] = {"get": {"responses": {}}}
    assert undecided({"paths": {**ground.document["paths"], "/v1/planted": planted}}) == ["GET /v1/planted"]
