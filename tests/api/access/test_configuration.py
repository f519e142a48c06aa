"""The door's settings from those of an installation."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.access.configuration import MAPPING_FILE, access_settings, read_mapping
from api.config import ConfigFaults, Settings


def settings_in(folder: Path, **values: Any) -> Settings:
    """Settings of a demo with single sign-on."""
    oidc = {"oidc_issuer": "https://login.example", "oidc_client_id": "xunzhen", "oidc_client_secret": "s" * 40}
    return Settings.from_values({"mode": "demo", "data_dir": folder, **oidc, **values})


def write(folder: Path, content: Any) -> Path:
    """A mapping file."""
    file = folder / MAPPING_FILE
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_without_an_issuer_there_is_no_single_sign_on(tmp_path: Path) -> None:
    assert access_settings(settings_in(tmp_path, oidc_issuer="")).oidc is None


def test_the_provider_sends_people_back_to_our_public_address(tmp_path: Path) -> None:
    oidc = access_settings(settings_in(tmp_path, public_url="https://xunzhen.example")).oidc
    assert oidc is not None
    assert oidc.redirect_uri == "https://xunzhen.example/v1/oidc/callback"
    assert "sss" not in repr(oidc)


def test_only_a_demo_spares_administrators_the_second_factor(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert not access_settings(settings).second_factor_for_admins
    production = settings.model_copy(update={"mode": "production"})
    assert access_settings(production).second_factor_for_admins


def test_the_idle_minutes_are_those_of_the_installation(tmp_path: Path) -> None:
    assert access_settings(settings_in(tmp_path, idle_logout_minutes=15)).idle_minutes == 15


def test_a_mapping_is_read_from_its_file(tmp_path: Path) -> None:
    file = write(tmp_path, {"roles_claim": "ou", "roles": {"g1": "team_leader"}, "organisations": {"37": "T1"}})
    mapping = read_mapping(file)
    assert mapping.roles_claim == "ou"
    assert dict(mapping.roles) == {"g1": "team_leader"}
    assert dict(mapping.organisations) == {"37": "T1"}
    assert mapping.teams_claim == "teams"


def test_without_a_file_nobody_gets_a_role(tmp_path: Path) -> None:
    assert dict(read_mapping(tmp_path / "absent.json").roles) == {}


@pytest.mark.parametrize(
    "content",
    [
        {"role": {"g1": "team_leader"}},
        {"roles": {"g1": "king"}},
        {"roles": {"g1": "contract_system"}},
        {"roles": ["team_leader"]},
        ["roles"],
    ],
)
def test_a_mapping_that_makes_no_sense_is_a_fault_of_the_settings(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigFaults) as caught:
        read_mapping(write(tmp_path, content))
    assert all(MAPPING_FILE in fault.where for fault in caught.value.faults)
