"""Logs without a word about anybody; settings that refuse known secrets and tell every fault at once."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.config import DEMO_SECRETS, ConfigFaults, Settings, load_settings
from api.service.logs import NAME, log, start_logs
from api.store.crypto import new_key
from tests.api.service.conftest import Caller
from tests.api.service.township import Township, resident_of

OWN = {
    "XUNZHEN_FIELD_KEYS": f"k1:{new_key()}",
    "XUNZHEN_BLIND_INDEX_KEY": new_key(),
    "XUNZHEN_SIGNING_KEY": new_key(),
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where the logs go during a test; afterwards they go where they went before."""
    loggers = [logging.getLogger(name) for name in (NAME, "uvicorn.error", "uvicorn.access")]
    before = [(logger.handlers, logger.propagate, logger.level, logger.disabled) for logger in loggers]
    stream = io.StringIO()
    start_logs(stream)
    yield stream
    for logger, kept in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate, logger.level, logger.disabled = kept


def read(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_request_leaves_one_line_with_its_route_and_no_address(
    lines: io.StringIO, leader: Caller, township: Township
) -> None:
    lines.truncate(0)
    lines.seek(0)
    row_id = township.add(resident_of(township.own_id, "R-SECRET"))
    answer = leader.get(f"/v1/residents/{row_id}?fields=id")
    (line,) = read(lines)
    assert (line["event"], line["route"], line["status"]) == ("request", "/v1/residents/{row_id}", 200)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert str(line["actor"]).startswith("key:")
    assert row_id not in lines.getvalue()
    assert str(line["at"]).endswith("+08:00")


def test_no_query_body_or_key_reaches_the_logs(lines: io.StringIO, leader: Caller) -> None:
    leader.get("/v1/residents", params={"external_id": "QUERY-SECRET"})
    leader.post("/v1/residents", json={"external_id": "BODY-SECRET", "name": "王测试"})
    text = lines.getvalue()
    assert not any(word in text for word in ("QUERY-SECRET", "BODY-SECRET", "王测试", leader.key))


def test_an_exception_is_told_without_its_message(lines: io.StringIO) -> None:
    try:
        try:
            raise ValueError("王测试 13812345678")
        except ValueError as cause:
            raise RuntimeError("also 王测试") from cause
    except RuntimeError as error:
        log("incident", {"request_id": "a"}, level=logging.ERROR, error=error)
        logging.getLogger("uvicorn.error").error("王测试", exc_info=error)
    own, foreign = read(lines)
    assert own["error"] == foreign["error"] == ["RuntimeError", "ValueError"]
    assert "王测试" not in lines.getvalue()


def test_only_known_fields_are_logged(lines: io.StringIO) -> None:
    with pytest.raises(KeyError):
        log("event", {"name": "王测试"})
    assert lines.getvalue() == ""


def test_secrets_left_at_their_default_are_refused_outside_demo_mode() -> None:
    with pytest.raises(ConfigFaults) as refused:
        load_settings({})
    assert {fault.where for fault in refused.value.faults} == {f"XUNZHEN_{name.upper()}" for name in DEMO_SECRETS}
    assert all(fault.code == "DEFAULT_SECRET" and fault.advice_zh for fault in refused.value.faults)


def test_a_demo_needs_no_secrets() -> None:
    assert load_settings({"XUNZHEN_MODE": "demo"}).key_ring.current == "demo"


def test_own_secrets_are_taken() -> None:
    assert load_settings(OWN).key_ring.current == "k1"


def test_all_faults_are_told_at_once_and_no_value_is_shown() -> None:
    wrong = {
        "XUNZHEN_PROT": "80",
        "XUNZHEN_PORT": "99999",
        "XUNZHEN_TRUSTED_PROXIES": "10.0.0.0/8, gateway",
        "XUNZHEN_FIELD_KEYS": "k1:not-secret-enough",
        "XUNZHEN_SIGNING_KEY": "shortsecret",
    }
    with pytest.raises(ConfigFaults) as refused:
        load_settings(OWN | wrong)
    assert {fault.where for fault in refused.value.faults} == set(wrong)
    text = str(refused.value)
    assert "XUNZHEN_PORT" in text
    assert not any(value in text for value in ("not-secret-enough", "shortsecret", "gateway"))


def test_a_misspelt_setting_is_told_the_nearest_name() -> None:
    with pytest.raises(ConfigFaults) as refused:
        load_settings(OWN | {"XUNZHEN_DATABSE_URL": "sqlite://"})
    assert "XUNZHEN_DATABASE_URL" in refused.value.faults[0].advice_en


def test_settings_print_no_secret() -> None:
    settings = load_settings(OWN | {"XUNZHEN_DATABASE_URL": "postgresql://user:pass-word@db/x"})
    assert not any(word in repr(settings) for word in ("pass-word", *OWN.values()))


def test_the_database_lies_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path})
    assert settings.database_location == f"sqlite:///{tmp_path.as_posix()}/xunzhen.db"


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = Settings.from_values({"mode": "demo", "data_dir": tmp_path})
    with pytest.raises(ValueError):
        settings.port = 1
    assert settings.with_changes(port=1).port == 1
