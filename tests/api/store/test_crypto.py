"""Personal words at rest: bound to their place, rotated without loss, looked up without being read."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from api.cli.commands import BAD_INPUT, run
from api.config import DEMO_SECRETS
from api.store import rotation
from api.store.crypto import (
    BadKeyError,
    BrokenSealError,
    KeyRing,
    Place,
    UnknownKeyError,
    demo_keys,
    encrypted_attributes,
    key_id_of,
    new_key,
    parse_key_ring,
)
from api.store.database import Database
from api.store.models.residents import Resident
from api.store.rotation import reseal
from api.store.scope import everything
from tests.api.store.databases import add_organisation, scope_in

A_KEY = base64.b64encode(b"k" * 32).decode()
HERE = Place("o" * 32, "residents", "name", "r" * 32)
ELSEWHERE = {
    "another organisation": Place("p" * 32, "residents", "name", "r" * 32),
    "another table": Place("o" * 32, "members", "name", "r" * 32),
    "another column": Place("o" * 32, "residents", "phone", "r" * 32),
    "another row": Place("o" * 32, "residents", "name", "s" * 32),
    "words that run together": Place("o" * 32, "residentsn", "ame", "r" * 32),
}


def ring(*names: str) -> KeyRing:
    """A ring of made-up keys, the first one sealing."""
    keys = {name: name.encode().ljust(32, b".") for name in names}
    return KeyRing(keys, names[0], b"i" * 32)


def add_resident(database: Database, organisation: str, external_id: str = "R1", **words: str) -> str:
    """The id of a new resident."""
    with database.session(scope_in(organisation)) as session:
        resident = Resident(organisation_id=organisation, external_id=external_id, **words)
        session.add(resident)
        session.flush()
        return resident.id


@given(st.text())
def test_what_was_sealed_opens_again(words: str) -> None:
    assert demo_keys().open(demo_keys().seal(words, HERE), HERE) == words


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_sealed_value_does_not_open_at_another_place(name: str) -> None:
    with pytest.raises(BrokenSealError, match="another place"):
        demo_keys().open(demo_keys().seal("王小明", HERE), ELSEWHERE[name])


@given(st.binary(max_size=60))
def test_bytes_that_nobody_sealed_are_refused(content: bytes) -> None:
    with pytest.raises((BrokenSealError, UnknownKeyError)):
        demo_keys().open(content, HERE)


def test_the_same_text_is_sealed_differently_every_time() -> None:
    assert demo_keys().seal("王小明", HERE) != demo_keys().seal("王小明", HERE)


def test_an_old_key_on_the_ring_still_opens_and_the_current_one_seals() -> None:
    old = ring("k1").seal("王小明", HERE)
    assert ring("k2", "k1").open(old, HERE) == "王小明"
    assert key_id_of(ring("k2", "k1").seal("王小明", HERE)) == "k2"


def test_a_key_that_is_not_on_the_ring_is_named() -> None:
    with pytest.raises(UnknownKeyError, match=r"'k1'.*residents\.name"):
        ring("k2").open(ring("k1").seal("王小明", HERE), HERE)


def test_a_wrong_key_under_the_right_name_is_a_clear_error() -> None:
    wrong = KeyRing({"k1": b"w" * 32}, "k1", b"i" * 32)
    with pytest.raises(BrokenSealError, match="wrong key"):
        wrong.open(ring("k1").seal("王小明", HERE), HERE)


def test_errors_hold_no_personal_word() -> None:
    with pytest.raises(BrokenSealError) as caught:
        demo_keys().open(demo_keys().seal("王小明", HERE), ELSEWHERE["another row"])
    assert "王" not in str(caught.value)


def test_a_ring_is_read_from_settings_with_the_current_key_first() -> None:
    first, second, index = new_key(), new_key(), new_key()
    keys = parse_key_ring(f"k2:{first} k1:{second}", index)
    assert keys.current == "k2"
    assert keys.keys["k1"] == base64.b64decode(second)


@pytest.mark.parametrize("keys", ["", "k1", "k1:", "k1:not base64!", "k1:c2hvcnQ=", f":{A_KEY}"])
def test_a_ring_that_cannot_be_read_is_refused(keys: str) -> None:
    with pytest.raises(BadKeyError):
        parse_key_ring(keys, new_key())


def test_a_ring_does_not_show_its_keys() -> None:
    assert str(demo_keys().index_key) not in repr(demo_keys())
    assert "object at" in repr(demo_keys())


def test_a_phone_number_is_found_however_it_is_written() -> None:
    index = demo_keys().blind_index("o", "phone", "131 0000-1111")
    assert index == demo_keys().blind_index("o", "phone", "13100001111")
    assert index != demo_keys().blind_index("p", "phone", "13100001111")


def test_an_attribute_reads_as_plain_text_and_lies_sealed(database: Database) -> None:
    organisation = add_organisation(database)
    add_resident(database, organisation, name="王小明", phone="13100001111")
    with database.session(everything()) as session:
        found = session.scalars(select(Resident)).one()
        assert (found.name, found.phone, found.address) == ("王小明", "13100001111", None)
        raw = session.execute(text("SELECT name FROM residents")).scalar_one()
    assert key_id_of(bytes(raw)) == "demo"
    assert "王小明".encode() not in bytes(raw)


def test_a_resident_is_found_by_the_blind_index(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, phone="131 0000 1111", id_card="00000019500101000x")
    index = database.keys.blind_index(organisation, "phone", "13100001111")
    with database.session(scope_in(organisation)) as session:
        assert session.scalars(select(Resident.id).where(Resident.phone_index == index)).all() == [known]


def test_a_change_renews_value_and_index_and_an_empty_one_takes_them_away(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, phone="13100001111")
    for words in ("13100002222", None):
        with database.session(scope_in(organisation)) as session:
            session.get_one(Resident, known).phone = words
        with database.session(scope_in(organisation)) as session:
            found = session.get_one(Resident, known)
            index = database.keys.blind_index(organisation, "phone", words) if words else None
            assert (found.phone, found.phone_index) == (words, index)


def test_setting_the_same_words_changes_nothing(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, name="王小明")
    with database.session(scope_in(organisation)) as session:
        session.get_one(Resident, known).name = "王小明"
        assert not session.dirty
    with database.session(scope_in(organisation)) as session:
        assert session.get_one(Resident, known).version == 1


def test_the_value_of_another_row_cannot_be_swapped_in(database: Database) -> None:
    organisation = add_organisation(database)
    one = add_resident(database, organisation, "R1", name="王小明")
    two = add_resident(database, organisation, "R2", name="李小红")
    with database.session(everything()) as session:
        stolen = session.get_one(Resident, two).name_sealed
        session.execute(update(Resident).where(Resident.id == one).values(name_sealed=stolen))
    with database.session(everything()) as session, pytest.raises(BrokenSealError):
        session.get_one(Resident, one).name  # noqa: B018 # reading it is the test


def test_plain_text_never_reaches_the_database_past_the_flush(database: Database) -> None:
    organisation = add_organisation(database)
    row = {"organisation_id": organisation, "external_id": "R1", "name_sealed": "王小明"}
    with pytest.raises(StatementError, match="plain text"), database.session(everything()) as session:
        session.execute(insert(Resident), [row])


def test_a_row_that_has_left_its_session_does_not_open(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, name="王小明")
    with database.session(scope_in(organisation)) as session:
        found = session.get_one(Resident, known)
    with pytest.raises(UnknownKeyError, match="session"):
        found.name  # noqa: B018 # reading it is the test


def test_old_values_are_renewed_with_the_current_key(database: Database) -> None:
    organisation = add_organisation(database)
    known = add_resident(database, organisation, name="王小明", phone="13100001111")
    add_resident(database, organisation, "R2")
    old = demo_keys()
    renewing = Database(database.url, KeyRing({"k2": b"2" * 32, **old.keys}, "k2", old.index_key))
    assert reseal(renewing)["residents"] == 1
    assert not any(reseal(renewing).values())
    renewing.close()
    renewed = Database(database.url, KeyRing({"k2": b"2" * 32}, "k2", old.index_key))
    with renewed.session(everything()) as session:
        row = session.get_one(Resident, known)
        assert isinstance(row.name_sealed, bytes)
        assert key_id_of(row.name_sealed) == "k2"
        assert (row.name, row.phone, row.version) == ("王小明", "13100001111", 1)
    renewed.close()


def test_a_renewal_that_was_interrupted_goes_on_where_it_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "ROWS_AT_ONCE", 2)
    organisation = add_organisation(database)
    known = [add_resident(database, organisation, f"R{number}", name=f"甲{number}") for number in range(5)]
    old = demo_keys()
    renewing = Database(database.url, KeyRing({"k2": b"2" * 32, **old.keys}, "k2", old.index_key))
    sealed, asked = rotation._reseal_row, iter(range(10))

    def interrupted(session: Session, kind: Any, row: Any) -> bool:
        if next(asked) == 3:  # in the second transaction, which is rolled back
            raise KeyboardInterrupt
        return sealed(session, kind, row)

    monkeypatch.setattr(rotation, "_reseal_row", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reseal(renewing)
    monkeypatch.setattr(rotation, "_reseal_row", sealed)
    with renewing.session(everything()) as session:
        assert {session.get_one(Resident, one).name for one in known} == {f"甲{number}" for number in range(5)}
    assert reseal(renewing)["residents"] == 3
    renewing.close()
    renewed = Database(database.url, KeyRing({"k2": b"2" * 32}, "k2", old.index_key))
    with renewed.session(everything()) as session:
        assert {session.get_one(Resident, one).name for one in known} == {f"甲{number}" for number in range(5)}
    renewed.close()


def test_the_command_renews_with_the_first_key_and_refuses_when_an_older_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = DEMO_SECRETS["field_keys"]
    fresh = f"k2:{new_key()}"
    monkeypatch.setenv("XUNZHEN_MODE", "demo")
    monkeypatch.setenv("XUNZHEN_DATA_DIR", str(tmp_path))
    store = Database(f"sqlite:///{tmp_path / 'xunzhen.db'}", demo_keys())
    store.migrate()
    add_resident(store, add_organisation(store), name="王小明")
    store.close()
    monkeypatch.setenv("XUNZHEN_FIELD_KEYS", fresh)
    assert run(["keys", "renew", "--json"]) == BAD_INPUT
    monkeypatch.setenv("XUNZHEN_FIELD_KEYS", f"{fresh},{old}")
    capsys.readouterr()
    assert run(["keys", "renew", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["residents"] == 1
    monkeypatch.setenv("XUNZHEN_FIELD_KEYS", fresh)
    assert run(["keys", "renew", "--json"]) == 0


def test_every_encrypted_attribute_has_its_column_and_index() -> None:
    for attribute in encrypted_attributes(Resident):
        assert inspect(Resident).attrs[attribute.behind].columns[0].name == attribute.name
        assert not attribute.index or attribute.index in inspect(Resident).columns
