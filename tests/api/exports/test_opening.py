"""What a caller may see of a plan before it is printed: crews, residents, reasons, homes; and how a file is called."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from api.access.identity import Identity
from api.access.permissions import Role
from api.exports.files import disposition
from api.exports.opening import Opened, exact_homes, near_follow_ups, own_crews, without_reasons
from api.exports.roads import engine_of
from geodata import GreatCircle
from tests.api.exports.weeks import a_printed_week
from tests.builders import a_plan

SHEETS = "exports:day_sheets"


def a_kept_plan() -> Opened:
    """The hand-made plan as the store gives it."""
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    return Opened("p", "o1", "2026-W48", 1, "draft", moment, a_printed_week().problem, a_plan())


def a_caller(
    role: Role, *, organisation: str = "o1", teams: tuple[str, ...] = (), member: str | None = None
) -> Identity:
    """Somebody who asks."""
    return Identity(
        actor="tests",
        kind="account",
        roles=frozenset({role}),
        organisation_ids=(organisation,),
        team_external_ids=teams,
        member_external_id=member,
    )


@pytest.mark.parametrize(
    ("caller", "crews"),
    [
        (a_caller(Role.TEAM_LEADER, teams=("t1",)), ["c1", "c3"]),
        (a_caller(Role.TEAM_LEADER, teams=("t1", "t2")), ["c1", "c2", "c3"]),
        (a_caller(Role.TEAM_LEADER, teams=("t2",), member="gp1"), ["c1", "c2", "c3"]),
        (a_caller(Role.CLINICIAN, teams=("t2",), member="nurse2"), ["c2"]),
        (a_caller(Role.CLINICIAN, teams=("t1", "t2")), []),
        (a_caller(Role.COUNTY_ADMIN, teams=("t1",), member="gp1"), []),
    ],
)
def test_a_caller_prints_the_crews_of_the_led_teams_and_those_gone_with(caller: Identity, crews: list[str]) -> None:
    assert own_crews(a_kept_plan(), caller, SHEETS) == crews


def test_a_crew_sees_those_it_visits_and_calls_and_a_leader_those_who_signed() -> None:
    assert near_follow_ups(a_kept_plan(), a_caller(Role.CLINICIAN, member="nurse2")) == {"joint1", "phone1"}
    leader = a_caller(Role.TEAM_LEADER, teams=("t1",))
    assert near_follow_ups(a_kept_plan(), leader) == {"home1", "patrol1", "open1"}


def test_a_leader_of_the_same_team_name_elsewhere_sees_nobody() -> None:
    assert near_follow_ups(a_kept_plan(), a_caller(Role.TEAM_LEADER, organisation="o2", teams=("t1",))) == frozenset()


def test_a_sensitive_reason_and_its_second_crew_are_taken_away_from_others_only() -> None:
    problem = a_kept_plan().problem
    shown = {item.id: item.rule for item in without_reasons(problem, {"joint1"}).follow_ups}
    assert shown["home1"] == ""  # severe mental disorder, and not of the caller
    assert shown["joint1"] == shown["patrol1"] == "HTN_ROUTINE"
    assert without_reasons(problem, {item.id for item in problem.follow_ups}) is problem


def test_a_home_is_drawn_exactly_only_where_everybody_may_be_seen() -> None:
    assert exact_homes(a_kept_plan(), {"home1"}) == {"h1"}
    assert exact_homes(a_kept_plan(), {"home1", "joint1"}) == {"h1", "h3"}
    assert exact_homes(a_kept_plan(), ()) == frozenset()


def test_without_roads_ways_are_straight(tmp_path: Path) -> None:
    assert isinstance(engine_of(tmp_path / "none.osm.pbf"), GreatCircle)


def test_a_file_has_a_chinese_name_and_a_plain_one() -> None:
    told = disposition('2026-W48-出诊单"\r\n.pdf', "2026-W48-day-sheets.pdf")
    assert told.startswith('attachment; filename="2026-W48-day-sheets.pdf"; filename*=UTF-8' + "''")
    assert told.isascii()
    assert told.isprintable()
    assert unquote(told.partition("''")[2]) == '2026-W48-出诊单"\r\n.pdf'
    with pytest.raises(ValueError, match="plain"):
        disposition("x", 'a"b')
