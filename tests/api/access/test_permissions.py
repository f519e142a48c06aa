"""The table of permissions, identities, scopes and masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.errors import NotAllowed
from api.access.identity import Identity
from api.access.masking import (
    MASKED_RULE,
    MASKED_TITLE_ZH,
    PERSONAL_KEYS,
    Subject,
    is_near,
    is_sensitive,
    masked,
    may_ask_for_reason,
)
from api.access.permissions import ACTIONS, APART, KEY_ROLES, PERMISSIONS, Role, actions_of, is_separated
from api.access.permissions import reach_of as reach_of_roles
from api.access.scopes import scope_for
from optimizer.due import follow_up_rules

HOME, BELOW, FOREIGN = "a" * 32, "b" * 32, "c" * 32


def caller(*roles: Role, **fields: object) -> Identity:
    """An identity of the organisation HOME."""
    parts: dict[str, object] = {
        "actor": "account:1",
        "kind": "account",
        "roles": frozenset(roles),
        "organisation_ids": (HOME,),
        "below_ids": (BELOW,),
        "team_external_ids": ("T01",),
        "member_external_id": "M001",
    }
    return Identity(**{**parts, **fields})  # type: ignore[arg-type]


VIEW = {
    "id": "f" * 32,
    "external_id": "F00001",
    "rule": "SMD_STABLE",
    "title_zh": "专项随访(季度)",
    "needs": "2 SMD_TRAINED",
    "head_count": 2,
    "priority": 2,
    "due": "2026-11-25",
    "site": "V001",
    "latitude": 36.5,
    "name": "测试甲",
    "phone": "10000000001",
    "address": "某村",
}


def test_every_role_may_look_after_itself() -> None:
    assert set(PERMISSIONS["self:use"]) == set(Role)


def test_the_three_administrations_share_no_power_but_looking() -> None:
    writes = {
        role: {name for name in actions_of(role) if not name.startswith("self:") and not name.endswith(":read")}
        for role in APART
    }
    assert not writes[Role.COUNTY_ADMIN] & writes[Role.SECURITY_ADMIN]
    assert writes[Role.AUDITOR] == set()
    assert [role for role in Role if "audit:read" in actions_of(role)] == [Role.AUDITOR]
    assert [role for role in Role if "accounts:write" in actions_of(role)] == [Role.SECURITY_ADMIN]


def test_only_leaders_and_clinicians_read_names() -> None:
    assert set(PERMISSIONS["residents:read_personal"]) == {Role.TEAM_LEADER, Role.CLINICIAN}


def test_analysts_change_nothing_but_what_ifs() -> None:
    others = {name for name in actions_of(Role.ANALYST) if not name.endswith(":read")}
    assert others == {"self:use", "self:manage", "solve:run", "scenarios:write"}


def test_no_key_can_make_keys_or_accounts() -> None:
    assert not any({"accounts:write", "api_keys:write"} & set(actions_of(role)) for role in KEY_ROLES)


def test_no_key_reads_a_name_as_a_crew_does() -> None:
    assert Role.CLINICIAN not in KEY_ROLES


@given(st.sets(st.sampled_from(list(Role))), st.sampled_from(ACTIONS))
def test_several_roles_reach_as_far_as_the_farthest(roles: set[Role], name: str) -> None:
    single = [reach for role in roles if (reach := reach_of_roles(frozenset({role}), name)) is not None]
    assert reach_of_roles(frozenset(roles), name) == max(single, default=None)


@given(st.sets(st.sampled_from(list(Role))))
def test_two_administrations_are_never_separated(roles: set[Role]) -> None:
    assert is_separated(frozenset(roles)) == (len(roles & APART) < 2)


def test_an_unknown_action_is_an_error_and_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        caller(Role.COUNTY_ADMIN).may("plans:fly")


def test_a_key_is_narrowed_to_its_actions() -> None:
    key = caller(Role.COUNTY_ADMIN, kind="api_key", actions=frozenset({"plans:read"}))
    assert key.may("plans:read")
    assert not key.may("plans:write")
    assert key.may("self:use")


def test_an_open_step_closes_everything_but_oneself() -> None:
    fresh = caller(Role.SECURITY_ADMIN, must_set_up="second_factor")
    assert [name for name in ACTIONS if fresh.may(name)] == ["self:use", "self:manage"]


def test_a_key_has_no_password_to_manage() -> None:
    assert not caller(Role.COUNTY_ADMIN, kind="api_key").may("self:manage")


def test_a_county_administrator_sees_the_organisations_below() -> None:
    assert scope_for(caller(Role.COUNTY_ADMIN), "plans:read").organisation_ids == {HOME, BELOW}


def test_a_leader_sees_the_own_organisation_and_of_residents_the_own_team() -> None:
    leader = caller(Role.TEAM_LEADER)
    assert scope_for(leader, "plans:read").organisation_ids == {HOME}
    assert scope_for(leader, "plans:read").team_ids is None
    assert scope_for(leader, "follow_ups:read").team_ids == {"T01"}


def test_a_scope_without_permission_is_refused() -> None:
    with pytest.raises(NotAllowed):
        scope_for(caller(Role.ANALYST), "plans:write")


def test_a_scope_names_the_actor() -> None:
    assert scope_for(caller(Role.CLINICIAN), "plans:read").actor == "account:1"


@pytest.mark.parametrize("rule", [code for code in follow_up_rules() if code.startswith(("SMD", "TB", "PALL"))])
def test_mental_disorder_tuberculosis_and_palliative_care_are_sensitive(rule: str) -> None:
    assert is_sensitive(rule)


def test_ordinary_rules_are_not_sensitive_and_unknown_ones_are() -> None:
    assert not is_sensitive("HTN_ROUTINE")
    assert is_sensitive("专项随访(季度)")
    assert is_sensitive("")
    assert is_sensitive("HTN_ROUTINE", "infectious")


def test_the_crew_that_goes_there_sees_everything() -> None:
    subject = Subject(HOME, "T09", frozenset({"M001"}))
    assert masked(VIEW, caller(Role.CLINICIAN), subject) == VIEW


def test_the_leader_of_the_team_sees_everything() -> None:
    assert masked(VIEW, caller(Role.TEAM_LEADER), Subject(HOME, "T01")) == VIEW


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.TEAM_LEADER])
def test_nobody_else_sees_person_or_reason(role: Role) -> None:
    shown = masked(VIEW, caller(role), Subject(HOME, "T01", frozenset({"M002"})))
    assert shown.keys() == VIEW.keys()
    assert shown["rule"] == MASKED_RULE
    assert shown["title_zh"] == MASKED_TITLE_ZH
    assert {shown[key] for key in ("needs", "head_count", "priority", "name", "phone", "address")} == {None}
    assert shown["due"] == "2026-11-25"


def test_a_leader_of_the_same_number_in_another_organisation_sees_neither() -> None:
    assert not is_near(caller(Role.TEAM_LEADER), Subject(FOREIGN, "T01", frozenset({"M001"})))


def test_a_resident_without_a_team_belongs_to_no_leader() -> None:
    assert not is_near(caller(Role.TEAM_LEADER, team_external_ids=()), Subject(HOME, None))


def test_a_caller_who_is_no_member_is_in_no_crew() -> None:
    assert not is_near(caller(Role.CLINICIAN, member_external_id=None), Subject(HOME, "T01", frozenset({"M001"})))


def test_an_ordinary_reason_stays_but_the_person_does_not() -> None:
    shown = masked({**VIEW, "rule": "HTN_ROUTINE"}, caller(Role.COUNTY_ADMIN), Subject(HOME, "T01"))
    assert shown["rule"] == "HTN_ROUTINE"
    assert shown["name"] is None


def test_an_analyst_sees_no_id_of_another_system_and_no_door() -> None:
    shown = masked({**VIEW, "rule": "HTN_ROUTINE"}, caller(Role.ANALYST), Subject(HOME, "T01"))
    assert shown["external_id"] is None
    assert shown["latitude"] is None
    assert shown["site"] == "V001"


@given(
    st.sets(st.sampled_from(list(Role)), min_size=1),
    st.sampled_from([*follow_up_rules(), "UNKNOWN"]),
    st.sampled_from([HOME, BELOW, FOREIGN]),
    st.sampled_from(["T01", "T02", None]),
    st.sets(st.sampled_from(["M001", "M002"])),
)
def test_no_mask_lets_a_person_or_a_sensitive_reason_through(
    roles: set[Role], rule: str, organisation: str, team: str | None, crew: set[str]
) -> None:
    who, subject = caller(*roles), Subject(organisation, team, frozenset(crew))
    shown = masked({**VIEW, "rule": rule}, who, subject)
    if is_near(who, subject):
        assert organisation == HOME
        assert roles & {Role.TEAM_LEADER, Role.CLINICIAN}
        assert "M001" in crew or team == "T01"
    else:
        assert all(shown[key] is None for key in PERSONAL_KEYS & shown.keys())
        assert shown["rule"] == (MASKED_RULE if is_sensitive(rule) else rule)


def test_only_who_sees_every_reason_may_filter_by_it() -> None:
    assert may_ask_for_reason(caller(Role.TEAM_LEADER))
    for role in set(Role) - {Role.TEAM_LEADER}:
        assert not may_ask_for_reason(caller(role))
    assert not may_ask_for_reason(caller(Role.TEAM_LEADER, Role.ANALYST))
