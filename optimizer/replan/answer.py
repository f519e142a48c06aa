"""What replanning answers: the plan, what changed against the old one, and who has to be phoned because of it."""

from dataclasses import dataclass

from optimizer.calendar import HALVES_PER_DAY
from optimizer.check import Verdict
from optimizer.edits.appointments import Appointment, Change, Difference
from optimizer.model import Channel
from optimizer.plan import Plan
from optimizer.problem import Problem

CHANNEL_WORDS = {
    Channel.HOME: ("上门", "at home"),
    Channel.PATROL: ("巡诊", "at a session"),
    Channel.PHONE: ("电话", "by phone"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A resident who has to be phoned, and why."""

    resident: str
    changes: tuple[Change, ...]
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Replanned:
    """The new plan. `problem` is the one given with the pins, and with the old plan as its earlier one."""

    problem: Problem
    plan: Plan
    verdict: Verdict
    changes: tuple[Change, ...]
    """Appointments that stood before and change or are cancelled."""
    forced: int
    """Of these, how many could not stand whatever was decided."""
    is_within_budget: bool
    """Whether no more than `max_changes` appointments beyond the forced ones change; always true of a new plan."""
    notices: tuple[Notice, ...]
    """Who has to be phoned: changed, cancelled and new appointments, in the order of the problem."""
    repaired_cost: int
    """Total cost after the least repair, which the answer never exceeds."""


def notices_of(problem: Problem, changes: tuple[Change, ...]) -> tuple[Notice, ...]:
    """One notice for every resident with a change."""
    of_resident: dict[str, list[Change]] = {}
    for change in changes:
        of_resident.setdefault(change.resident, []).append(change)
    notices = []
    for resident, own in of_resident.items():
        words = [_words(problem, change) for change in own]
        zh, en = "；".join(zh for zh, _ in words), "; ".join(en for _, en in words)
        notices.append(Notice(resident, tuple(own), zh, en))
    return tuple(notices)


def _words(problem: Problem, change: Change) -> tuple[str, str]:
    """One change in words, with codes and dates only."""
    if change.after is None:
        assert change.before is not None, "a change has one of the two"
        zh, en = _appointment_words(problem, change.before)
        return f"{change.follow_up}取消（原{zh}）", f"{change.follow_up} is cancelled (was {en})"
    zh, en = _appointment_words(problem, change.after)
    if change.before is None:
        return f"{change.follow_up}新安排在{zh}", f"{change.follow_up} is new: {en}"
    old_zh, old_en = _appointment_words(problem, change.before)
    if change.differences == (Difference.CREW,):
        return f"{change.follow_up}换人（{zh}）", f"{change.follow_up} is done by others ({en})"
    return f"{change.follow_up}由{old_zh}改为{zh}", f"{change.follow_up} moves from {old_en} to {en}"


def _appointment_words(problem: Problem, one: Appointment) -> tuple[str, str]:
    on, is_afternoon = problem.days[one.day].date, one.half_day % HALVES_PER_DAY == 1
    zh, en = CHANNEL_WORDS[one.channel]
    half_zh, half_en = ("下午", "afternoon") if is_afternoon else ("上午", "morning")
    seconds = one.start_seconds
    time = "" if seconds is None else f" {seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{on}{half_zh}{time}{zh}", f"{on} {half_en}{time} {en}"
