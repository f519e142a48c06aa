"""Who fits a need."""

from optimizer.model import Skill, StaffNeed
from optimizer.staffing import fits, meets
from tests.builders import GP, NURSE, a_member, week_day


def test_a_certificate_counts_up_to_and_including_its_last_day() -> None:
    member = a_member(skills=(Skill("TB", week_day(1)), Skill("BP")))
    need = StaffNeed(skills=("TB", "BP"))
    assert fits(member, need, week_day(1))
    assert not fits(member, need, week_day(2))


def test_role_and_sex() -> None:
    assert not fits(a_member(), NURSE, week_day(0))
    assert not fits(a_member(), StaffNeed(sex="F"), week_day(0))
    assert fits(a_member(sex="F"), StaffNeed(sex="F"), week_day(0))


def test_one_member_may_serve_several_needs_but_counts_once_in_each() -> None:
    doctor, nurse = a_member(sex="F"), a_member("n", role="NURSE")
    assert meets([doctor, nurse], [GP, NURSE, StaffNeed(sex="F")], week_day(0), head_count=2)
    assert not meets([doctor, nurse], [StaffNeed(count=2, roles=("GP",))], week_day(0))
    assert not meets([doctor], [GP], week_day(0), head_count=2)
