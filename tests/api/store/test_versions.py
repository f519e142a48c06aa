"""The quick look at a row's version has the walls of a session, on both databases."""

import pytest

from api.store.database import Database
from api.store.models.audit import AuditEntry
from api.store.models.residents import Resident
from api.store.models.resources import Site
from api.store.scope import Scope, everything
from api.store.versions import version_in_sight
from tests.api.store.databases import add_organisation, scope_in


def a_resident(database: Database, organisation: str, team: str | None) -> str:
    """The id of a stored resident."""
    with database.session(everything("tests")) as session:
        row = Resident(organisation_id=organisation, external_id=f"R-{team}", team=team)
        session.add(row)
        session.flush()
        return str(row.id)


def test_a_row_in_sight_has_the_version_of_its_last_change(database: Database) -> None:
    organisation = add_organisation(database, "ours")
    row_id = a_resident(database, organisation, None)
    assert version_in_sight(database, scope_in(organisation), Resident, row_id) == 1
    with database.session(scope_in(organisation)) as session:
        session.get_one(Resident, row_id).household = "H1"
    assert version_in_sight(database, scope_in(organisation), Resident, row_id) == 2


def test_a_row_of_another_organisation_is_not_there(database: Database) -> None:
    ours, theirs = add_organisation(database, "ours"), add_organisation(database, "theirs")
    row_id = a_resident(database, theirs, None)
    assert version_in_sight(database, scope_in(ours), Resident, row_id) is None
    assert version_in_sight(database, Scope((ours, theirs)), Resident, row_id) == 1
    assert version_in_sight(database, everything(), Resident, row_id) == 1


def test_a_row_of_another_team_is_not_there(database: Database) -> None:
    organisation = add_organisation(database, "ours")
    theirs, nobodys = a_resident(database, organisation, "T2"), a_resident(database, organisation, None)
    own = Scope((organisation,), ("T1",))
    assert version_in_sight(database, own, Resident, theirs) is None
    assert version_in_sight(database, own, Resident, nobodys) == 1


def test_an_unknown_id_is_not_there(database: Database) -> None:
    assert version_in_sight(database, everything(), Site, "0" * 32) is None


def test_a_table_without_versions_is_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="AuditEntry"):
        version_in_sight(database, everything(), AuditEntry, "0" * 32)


def test_postgresql_is_told_whose_rows_are_in_sight(postgresql_database: Database) -> None:
    ours, theirs = (add_organisation(postgresql_database, name) for name in ("ours", "theirs"))
    row_id = a_resident(postgresql_database, theirs, None)
    lenient = _Lenient((ours,))  # the first wall is gone: the second one holds
    assert version_in_sight(postgresql_database, lenient, Resident, row_id) is None


class _Lenient(Scope):
    def has(self, organisation_id: str | None) -> bool:
        """Everything."""
        return True
