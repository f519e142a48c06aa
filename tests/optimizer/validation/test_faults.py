"""All faults come together, in order, in words; what is odd but usable is none."""

import pytest

from optimizer.model import (
    Channel,
    Parameters,
    Pin,
    SiteKind,
    Skill,
    TimeWindow,
)
from optimizer.validation.spots import ADVICE
from tests.builders import (
    MONDAY,
    a_problem,
    a_site,
    an_empty_problem,
    an_option,
    clock,
    some_sites,
    week_day,
)
from tests.optimizer.validation import test_demand, test_resources
from tests.optimizer.validation.faulty import day, faults, item, member


def test_every_code_has_a_planted_fault() -> None:
    planted = (*test_demand.FAULTS, *test_resources.FAULTS)
    assert {code for code, *_ in planted} == set(ADVICE)


def test_all_faults_come_together_in_the_order_of_the_fields() -> None:
    found = faults(
        **day(lunch_seconds=-1),
        **member(team="t9"),
        **item(site="x", priority=7),
        parameters=Parameters(setup_seconds=-1),
    )
    places = [fault.where.partition(" ")[0] for fault in found]
    assert places == [
        "/days/0/lunch_seconds",
        "/members/0/team",
        "/follow_ups/0/site",
        "/follow_ups/0/priority",
        "/parameters/setup_seconds",
    ]


def test_the_error_lists_every_fault_in_words() -> None:
    with pytest.raises(ValueError, match=r"2 fault\(s\)") as caught:
        a_problem(**item(site="x", team="y"))
    assert "UNKNOWN_REFERENCE at /follow_ups/0/site (f1): found x" in str(caught.value)


def test_what_is_odd_but_usable_is_no_fault() -> None:
    """Nothing to do, nobody to do it, days off, a closed gate, a pin that cannot be kept."""
    assert not an_empty_problem(members=(), vehicles=(), teams=(), sites=(), minutes=()).follow_ups
    assert not faults(**day(closed_morning=True, closed_afternoon=True))
    assert not faults(**member(skills=(Skill("SMD", MONDAY), Skill("SMD", week_day(400)))))
    assert not faults(pins=(Pin("home1", channel=Channel.PHONE, day=4),))
    assert not faults(**item(channels=(an_option(), an_option(Channel.PATROL))))
    station = (*some_sites(), a_site("station", kind=SiteKind.STATION))
    assert not faults(sites=station, minutes=range(7), **member(base="station"))
    assert not faults(**item(time_windows=(TimeWindow(clock(8), clock(8), clock(8)),)))
