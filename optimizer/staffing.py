"""Who may do what: roles, skills with expiry, sex and head count of members against the needs of a visit."""

from collections.abc import Iterable, Sequence
from datetime import date

from optimizer.model import Member, StaffNeed


def has_skill(member: Member, code: str, on: date) -> bool:
    """Whether a member holds a certificate that is valid on a date."""
    return any(skill.code == code and (skill.valid_until is None or on <= skill.valid_until) for skill in member.skills)


def fits(member: Member, need: StaffNeed, on: date) -> bool:
    """Whether one member has the role, all the skills and the sex of a need."""
    if need.roles and member.role not in need.roles:
        return False
    if need.sex and member.sex != need.sex:
        return False
    return all(has_skill(member, code, on) for code in need.skills)


def meets(members: Sequence[Member], needs: Iterable[StaffNeed], on: date, *, head_count: int = 1) -> bool:
    """Whether a crew is large enough and meets every need; one member may serve several needs."""
    if len(members) < head_count:
        return False
    return all(sum(fits(member, need, on) for member in members) >= need.count for need in needs)
