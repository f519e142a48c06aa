"""Nobody sees or writes another organisation's rows: every kind of statement, on both databases."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, exists, func, insert, select, text, union_all, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from api.store import audit
from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.follow_ups import FollowUp
from api.store.models.organisations import Organisation
from api.store.models.residents import Resident
from api.store.models.resources import Site, Team
from api.store.scope import ORGANISATIONS_SETTING, Scope, ScopeError, StoreSession, everything, require_whole
from tests.api.store.databases import add_organisation, scope_in


@pytest.fixture
def two(database: Database) -> tuple[Database, str, str]:
    """A database with a site V1 of 100 people and a team in each of two organisations."""
    return fill(database)


def fill(database: Database) -> tuple[Database, str, str]:
    """The database and the ids of two organisations that look alike."""
    ours, theirs = add_organisation(database, "ours"), add_organisation(database, "theirs")
    for organisation in (ours, theirs):
        with database.session(scope_in(organisation)) as session:
            session.add(Site(organisation_id=organisation, external_id="V1", kind="village", people=100))
            session.add(Team(organisation_id=organisation, external_id="T1", base="V1"))
            audit.append(session, organisation, "test")
    return database, ours, theirs


def _joined(session: Session) -> list[str]:
    site, team = aliased(Site), aliased(Team)
    return list(session.scalars(select(team.organisation_id).join(site, site.external_id == team.base)))


def _nested(session: Session) -> list[str]:
    inner = select(Site.organisation_id).where(Site.external_id == Team.base).limit(1).scalar_subquery()
    return [row[1] for row in session.execute(select(Team.organisation_id, inner)) if row[1]]


def _derived(session: Session) -> list[str]:
    part = select(Site.organisation_id.label("id")).subquery()
    return list(session.scalars(select(part.c.id)))


def _common(session: Session) -> list[str]:
    part = select(Site.organisation_id.label("id")).cte()
    return list(session.scalars(select(part.c.id)))


def _united(session: Session) -> list[str]:
    return list(session.scalars(union_all(select(Site.organisation_id), select(Team.organisation_id))))


def _from_everybody(session: Session) -> list[str]:
    inside = exists().where(Site.external_id == Team.base, Site.organisation_id != Team.organisation_id)
    return list(session.scalars(select(Team.organisation_id).where(~inside)))


READS: dict[str, Callable[[Session], list[str]]] = {
    "rows": lambda session: [row.organisation_id for row in session.scalars(select(Site))],
    "columns": lambda session: list(session.scalars(select(Site.organisation_id))),
    "an alias": lambda session: list(session.scalars(select(aliased(Site).organisation_id))),
    "the old query": lambda session: [row.organisation_id for row in session.query(Site)],
    "a join": _joined,
    "a scalar subquery": _nested,
    "a derived table": _derived,
    "a common table expression": _common,
    "a union": _united,
    "an exists": _from_everybody,
    "organisations": lambda session: list(session.scalars(select(Organisation.id))),
    "the audit log": lambda session: list(session.scalars(select(AuditEntry.organisation_id))),
}


@pytest.mark.parametrize("kind", READS)
def test_no_kind_of_query_shows_foreign_rows(two: tuple[Database, str, str], kind: str) -> None:
    database, ours, _ = two
    with database.session(scope_in(ours), read_only=True) as session:
        assert set(READS[kind](session)) == {ours}


def test_a_count_counts_own_rows(two: tuple[Database, str, str]) -> None:
    database, ours, _ = two
    with database.session(scope_in(ours)) as session:
        assert session.scalar(select(func.count()).select_from(Site)) == 1


def test_a_foreign_row_is_not_found_by_its_id(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with database.session(everything()) as session:
        foreign = session.scalars(select(Site.id).where(Site.organisation_id == theirs)).one()
    with database.session(scope_in(ours)) as session:
        assert session.get(Site, foreign) is None
        assert session.scalars(select(Site).where(Site.id == foreign)).all() == []


def test_updates_and_deletes_touch_own_rows_only(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with database.session(scope_in(ours)) as session:
        session.execute(update(Site).values(people=0))
        session.execute(delete(Team))
    with database.session(everything()) as session:
        assert dict(session.execute(select(Site.organisation_id, Site.people)).all()) == {ours: 0, theirs: 100}
        assert session.scalars(select(Team.organisation_id)).all() == [theirs]


def test_a_scope_of_two_organisations_sees_both_and_one_of_none_sees_nothing(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    for organisations in ((ours, theirs), ()):
        with database.session(Scope(organisations)) as session:
            assert set(session.scalars(select(Site.organisation_id))) == set(organisations)


def test_a_query_without_a_scope_is_refused(two: tuple[Database, str, str]) -> None:
    database, _, _ = two
    with StoreSession(database.engine) as session, pytest.raises(ScopeError, match="no scope"):
        session.scalars(select(Site)).all()


REFUSED: dict[str, Callable[[Session], object]] = {
    "plain SQL": lambda session: session.execute(text("SELECT * FROM sites")),
    "a table": lambda session: session.execute(select(Site.__table__)),
    "rows from plain SQL": lambda session: session.scalars(select(Site).from_statement(text("SELECT * FROM sites"))),
    "an insert from a query": lambda session: session.execute(insert(Site).from_select(["id"], select(Team.id))),
    "an insert of one row": lambda session: session.execute(insert(Site).values(organisation_id="x")),
    "bulk rows": lambda session: session.bulk_save_objects([]),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_limited_is_refused(two: tuple[Database, str, str], kind: str) -> None:
    database, ours, _ = two
    with database.session(scope_in(ours)) as session, pytest.raises(ScopeError):
        REFUSED[kind](session)


def test_a_list_of_rows_is_inserted_when_each_is_in_scope(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    row = {"kind": "village", "organisation_id": ours}
    with database.session(scope_in(ours)) as session:
        session.execute(insert(Site), [{**row, "external_id": "V2"}, {**row, "external_id": "V3"}])
    with database.session(scope_in(ours)) as session, pytest.raises(ScopeError):
        session.execute(insert(Site), [{**row, "external_id": "V4"}, {**row, "organisation_id": theirs}])


def test_a_row_of_a_foreign_organisation_is_not_written(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with pytest.raises(ScopeError), database.session(scope_in(ours)) as session:
        session.add(Site(organisation_id=theirs, external_id="V2", kind="village"))


def test_a_row_does_not_move_to_another_organisation(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with pytest.raises(ScopeError), database.session(everything()) as session:
        session.scalars(select(Site).where(Site.organisation_id == ours)).one().organisation_id = theirs


def test_a_row_of_a_foreign_organisation_is_not_deleted(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with database.session(everything(), read_only=True) as session:
        foreign = session.scalars(select(Site).where(Site.organisation_id == theirs)).one()
    with pytest.raises(ScopeError), database.session(scope_in(ours)) as session:
        session.delete(foreign)


def test_an_organisation_scope_makes_no_organisation(database: Database) -> None:
    ours = add_organisation(database)
    with pytest.raises(ScopeError), database.session(scope_in(ours)) as session:
        session.add(Organisation(external_id="new"))


def _follow_up(organisation: str, resident: Resident, team: str | None) -> FollowUp:
    return FollowUp(
        organisation_id=organisation,
        external_id=f"F-{team}",
        resident_id=resident.id,
        site="V1",
        rule="HTN_ROUTINE",
        due=date(2026, 11, 25),
        team=team,
    )


def test_who_sees_some_teams_sees_their_rows_and_those_of_no_team(two: tuple[Database, str, str]) -> None:
    database, ours, _ = two
    with database.session(scope_in(ours)) as session:
        resident = Resident(organisation_id=ours, external_id="R1", team="T2")
        session.add(resident)
        session.flush()
        session.add_all(_follow_up(ours, resident, team) for team in ("T1", "T2", None))
    with database.session(scope_in(ours, "T1")) as session:
        assert set(session.scalars(select(FollowUp.team))) == {"T1", None}
        assert session.scalars(select(Resident)).all() == []
    with pytest.raises(ScopeError), database.session(scope_in(ours, "T1")) as session:
        session.scalars(select(FollowUp).where(FollowUp.team == "T1")).one().team = "T2"


def test_what_needs_the_whole_organisation_refuses_a_part(two: tuple[Database, str, str]) -> None:
    database, ours, theirs = two
    with database.session(scope_in(ours)) as session:
        require_whole(session, ours)
    for scope in (scope_in(ours, "T1"), scope_in(theirs)):
        with database.session(scope) as session, pytest.raises(ScopeError):
            require_whole(session, ours)


@pytest.mark.parametrize("name", ["*", "a,b", "", "%"])
def test_an_id_that_is_none_makes_no_scope(name: str) -> None:
    with pytest.raises(ScopeError):
        Scope((name,))


def test_postgresql_itself_shows_and_takes_own_rows_only(postgresql_database: Database) -> None:
    database, ours, theirs = fill(postgresql_database)
    told = text("SELECT set_config(:name, :ours, true)")
    with database.engine.begin() as connection:
        connection.execute(told, {"name": ORGANISATIONS_SETTING, "ours": ours})
        assert set(connection.scalars(text("SELECT organisation_id FROM sites"))) == {ours}
        assert connection.execute(text("UPDATE sites SET people = 1")).rowcount == 1
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text("UPDATE sites SET organisation_id = :theirs"), {"theirs": theirs})
    with database.engine.begin() as connection:
        assert connection.scalars(text("SELECT id FROM organisations")).all() == []


def test_every_table_of_organisations_has_a_policy_in_postgresql(postgresql_database: Database) -> None:
    with postgresql_database.engine.connect() as connection:
        owned = "SELECT table_name FROM information_schema.columns WHERE column_name = 'organisation_id'"
        guarded = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        tables, walls = set(connection.scalars(text(owned))), set(connection.scalars(text(guarded)))
    assert tables | {"organisations"} == walls
