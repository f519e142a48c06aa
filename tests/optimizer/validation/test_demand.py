"""Faults of follow-ups, sessions and pins."""

import pytest

from optimizer.model import (
    Channel,
    DatedWindow,
    Joint,
    Pin,
    StaffNeed,
    TimeWindow,
)
from tests.builders import (
    MONDAY,
    a_follow_up,
    a_session,
    an_option,
    week_day,
)
from tests.optimizer.validation.faulty import Planted, assert_named, item, option, session

TWICE = (a_follow_up("f1"), a_follow_up("f2"), a_follow_up("f1"))

FAULTS: list[Planted] = [
    ("DUPLICATE_ID", "/follow_ups/2/id (f1)", "f1", "other than that of /follow_ups/0", {"follow_ups": TWICE}),
    ("DUPLICATE_ID", "/sessions/1/id (s1)", "s1", "/sessions/0", {"sessions": (a_session(), a_session())}),
    (
        "DUPLICATE_ID",
        "/sessions/0/id (home1)",
        "home1",
        "an id that no follow-up has",
        {"sessions": (a_session("home1"),)},
    ),
    ("EMPTY", "/follow_ups/0/id", "nothing", "an id", {"follow_ups": (a_follow_up("", resident="r"),)}),
    ("UNKNOWN_REFERENCE", "/follow_ups/0/site (f1)", "h11", "did you mean h1?", item(site="h11")),
    ("EMPTY", "/follow_ups/0/resident (f1)", "nothing", "resident", item(resident="")),
    ("UNKNOWN_REFERENCE", "/follow_ups/0/team (f1)", "team", "the id of a team", item(team="team")),
    (
        "UNKNOWN_REFERENCE",
        "/follow_ups/0/preferred_members/0 (f1)",
        "gp",
        "did you mean gp",
        item(preferred_members=("gp",)),
    ),
    (
        "UNKNOWN_REFERENCE",
        "/follow_ups/0/patrol_sites/1 (f1)",
        "v7",
        "the id of a site",
        item(patrol_sites=("v1", "v7")),
    ),
    ("DOUBLED", "/follow_ups/0/patrol_sites (f1)", "v1", "each once", item(patrol_sites=("v1", "v1"))),
    ("OUT_OF_RANGE", "/follow_ups/0/priority (f1)", "4", "0 to 3", item(priority=4)),
    ("ORDER", "/follow_ups/0/due (f1)", "2026-11-22", "earliest 2026-11-23 not after due", item(due=week_day(-1))),
    ("ORDER", "/follow_ups/0/latest (f1)", "2026-11-24", "due 2026-11-25 not after latest", item(latest=week_day(1))),
    ("OUT_OF_RANGE", "/follow_ups/0/deadline_seconds (f1)", "90000", "0 to 86400", item(deadline_seconds=90_000)),
    ("EMPTY", "/follow_ups/0/channels (f1)", "nothing", "home, patrol, phone", item(channels=())),
    ("DOUBLED", "/follow_ups/0/channels (f1)", "home", "each once", item(channels=(an_option(), an_option()))),
    ("NO_WAY", "/follow_ups/0/patrol_sites (f1)", "nothing", "patrol is its only way", option(channel=Channel.PATROL)),
    ("OUT_OF_RANGE", "/follow_ups/0/channels/0/seconds (f1)", "0", "at least 1", option(seconds=0)),
    ("TOO_LONG", "/follow_ups/0/channels/0/seconds (f1)", "13801", "at most 13800", option(seconds=13_801)),
    (
        "TOO_LONG",
        "/follow_ups/0/channels/0/seconds (f1)",
        "3660",
        "at most 3600",
        option(channel=Channel.PHONE, minutes=61),
    ),
    ("OUT_OF_RANGE", "/follow_ups/0/channels/0/head_count (f1)", "0", "at least 1", option(head_count=0)),
    ("OUT_OF_RANGE", "/follow_ups/0/channels/0/needs/0/count (f1)", "0", "at least 1", option(needs=(StaffNeed(0),))),
    ("OUT_OF_RANGE", "/follow_ups/0/joint/needs/0/sex (f1)", "?", "F, M", item(joint=Joint((StaffNeed(sex="?"),)))),
    (
        "ORDER",
        "/follow_ups/0/time_windows/0/end_seconds (f1)",
        "7200",
        "start_seconds 10800",
        item(time_windows=(TimeWindow(10_800, 7_200),)),
    ),
    (
        "ORDER",
        "/follow_ups/0/time_windows/0/late_end_seconds (f1)",
        "2",
        "end_seconds 3",
        item(time_windows=(TimeWindow(1, 3, 2),)),
    ),
    (
        "OUT_OF_RANGE",
        "/follow_ups/0/resident_windows/0/end_seconds (f1)",
        "99999",
        "0 to 86400",
        item(resident_windows=(DatedWindow(MONDAY, 0, 99_999),)),
    ),
    ("UNKNOWN_REFERENCE", "/sessions/0/site (s1)", "x", "the id of a site", session(site="x")),
    ("UNKNOWN_REFERENCE", "/sessions/0/team (s1)", "t9", "the id of a team", session(team="t9")),
    ("EMPTY", "/sessions/0/half_days (s1)", "nothing", "at least one half-day", session(half_days=())),
    ("OUT_OF_RANGE", "/sessions/0/half_days/0 (s1)", "10", "from 0 to 9", session(half_days=(10,))),
    ("OUT_OF_RANGE", "/sessions/0/usual_half_day (s1)", "12", "0 to 9", session(usual_half_day=12)),
    ("OUT_OF_RANGE", "/sessions/0/min_members (s1)", "0", "at least 1", session(min_members=0)),
    ("ORDER", "/sessions/0/max_members (s1)", "1", "min_members 2 not after", session(max_members=1)),
    ("OUT_OF_RANGE", "/sessions/0/duration_seconds (s1)", "-1", "at least 1", session(duration_seconds=-1)),
    ("TOO_LONG", "/sessions/0/duration_seconds (s1)", "14401", "at most 14400", session(duration_seconds=14_401)),
    ("OUT_OF_RANGE", "/sessions/0/net_seconds_per_member (s1)", "-1", "0 to 86400", session(net_seconds_per_member=-1)),
    ("OUT_OF_RANGE", "/sessions/0/max_contacts (s1)", "-1", "at least 0", session(max_contacts=-1)),
    ("OUT_OF_RANGE", "/sessions/0/weight (s1)", "-1", "at least 0", session(weight=-1)),
    ("UNKNOWN_REFERENCE", "/pins/0/target (home2)", "home2", "did you mean home1?", {"pins": (Pin("home2"),)}),
    (
        "CONTRADICTORY_PIN",
        "/pins/1/target (home1)",
        "home1",
        "there is /pins/0",
        {"pins": (Pin("home1"), Pin("home1", day=1))},
    ),
    (
        "CONTRADICTORY_PIN",
        "/pins/0/half_day (s1)",
        "4",
        "a half-day of day 1",
        {"pins": (Pin("s1", day=1, half_day=4),)},
    ),
    ("OUT_OF_RANGE", "/pins/0/half_day (s1)", "10", "0 to 9", {"pins": (Pin("s1", half_day=10),)}),
    ("OUT_OF_RANGE", "/pins/0/day (s1)", "5", "0 to 4", {"pins": (Pin("s1", day=5),)}),
    ("OUT_OF_RANGE", "/pins/0/start_seconds (s1)", "-1", "0 to 86400", {"pins": (Pin("s1", start_seconds=-1),)}),
    ("UNKNOWN_REFERENCE", "/pins/0/members/0 (s1)", "gp3", "did you mean gp", {"pins": (Pin("s1", members=("gp3",)),)}),
]


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted[1].partition(" ")[0])
def test_a_fault_is_named_with_found_and_expected(planted: Planted) -> None:
    assert_named(planted)
