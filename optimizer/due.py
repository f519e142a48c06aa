"""The catalogue of follow-up rules, and the words in which staff needs and times of day are written.

Data, not law: minutes, windows and staff of every rule lie in data/followup_rules.csv and a township may give its own
in each row. Nothing here computes due dates; they come from the contract system.
"""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from optimizer.model import Channel, ChannelOption, Joint, OrderClass, ServiceClass, StaffNeed, TimeWindow

DATA = Path(__file__).parent / "data"

ROLES = {
    "GP": "全科医生",
    "TCM_GP": "中医全科医生",
    "ASSISTANT_GP": "助理全科医生",
    "RURAL_AGP": "乡村助理全科医生",
    "SECOND_SITE_GP": "多点执业全科医生",
    "NURSE": "护士",
    "PH": "公卫医师",
    "VILLAGE_DOCTOR": "乡村医生",
    "PSYCHIATRIST": "精神科医生",
    "INTERNIST": "内科医生",
    "OBGYN": "妇产科医生",
    "PAEDIATRICIAN": "儿科医生",
    "HOSPITAL_PHYSICIAN": "县医院医生",
    "HOSPITAL_NURSE": "县医院护士",
    "PHARMACIST": "药师",
    "THERAPIST": "康复师",
    "MIDWIFE_MCH": "妇幼保健人员",
}
"""Role codes and how they are written in Chinese."""

SKILLS = {
    "SMD_TRAINED": "精防培训",
    "TB_TRAINED": "结防培训",
    "NEWBORN": "新生儿访视",
    "POSTPARTUM": "产后访视",
    "ANTENATAL": "孕期保健",
    "CHILD_HEALTH": "儿童保健",
    "TCM_ID": "中医体质辨识",
    "TCM_TREAT": "中医诊疗",
    "REHAB": "康复",
    "PHLEBOTOMY": "采血",
    "ECG": "心电图",
    "WOUND": "伤口护理",
    "CATHETER": "导管护理",
    "PALLIATIVE": "安宁疗护",
    "PRESCRIBE": "处方权",
}
"""Skill codes (certificates) and how they are written in Chinese."""

SEXES = {"F": "女", "M": "男"}


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """What a rule asks for unless a row of the township says otherwise."""

    code: str
    title_zh: str
    title_en: str
    category_zh: str
    """Shown to the team leader only."""
    category_en: str
    priority: int
    options: tuple[ChannelOption, ...]
    time_windows: tuple[TimeWindow, ...]
    order_class: OrderClass
    service_class: ServiceClass
    hard_end: bool
    joint: Joint | None
    before_days: int
    """The window opens so many days before the due date."""
    after_days: int
    """It closes so many days after it."""
    clock_hours: int | None
    """Hours within which service has to start, weekends included; None: the date counts."""

    def find_option(self, channel: Channel) -> ChannelOption | None:
        """The rule's option for a channel, or None."""
        return next((option for option in self.options if option.channel is channel), None)


class NotationError(ValueError):
    """A word of a notation that cannot be read; `word` is the word."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(f"cannot read {word!r}")


def parse_needs(text: str, roles: frozenset[str], skills: frozenset[str]) -> tuple[StaffNeed, ...]:
    """Staff needs such as "1 GP/TCM_GP; 2 SMD_TRAINED; 1 NEWBORN F": needs apart by `;`, words by space or `/`.

    In one need any of its roles will do, all of its skills must be there. Raises NotationError on an unknown word.
    """
    return tuple(_need(part, roles, skills) for part in re.split(r"[;；]", text) if part.strip())


def _need(text: str, roles: frozenset[str], skills: frozenset[str]) -> StaffNeed:
    count, found_roles, found_skills, sex = 1, [], [], ""
    for word in re.split(r"[\s/、,，+]+", text.strip()):
        if re.fullmatch(r"[1-9]", word):
            count = int(word)
        elif word in roles:
            found_roles.append(word)
        elif word in skills:
            found_skills.append(word)
        elif word in SEXES:
            sex = word
        else:
            raise NotationError(word)
    return StaffNeed(count, tuple(found_roles), tuple(found_skills), sex)


def format_needs(needs: tuple[StaffNeed, ...]) -> str:
    """Staff needs in the notation of `parse_needs`."""
    words = [(str(n.count), "/".join(n.roles), " ".join(n.skills), n.sex) for n in needs]
    return "; ".join(" ".join(word for word in parts if word) for parts in words)


def parse_clock(text: str) -> int:
    """Seconds since midnight of a time such as "7:30" or "07：30"; raises NotationError."""
    found = re.fullmatch(r"\s*(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?\s*", text)
    if found is None or int(found[1]) > 24 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise NotationError(text.strip())
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)


def format_clock(seconds: int) -> str:
    """A time of day such as "07:30"."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def parse_time_windows(text: str) -> tuple[TimeWindow, ...]:
    """Times of day such as "07:00-09:30 14:00-16:00"; "09:00-11:00/11:30" may start up to 11:30, at a cost."""
    return tuple(_time_window(word) for word in re.split(r"[\s;；,，、]+", text.strip()) if word)


def _time_window(word: str) -> TimeWindow:
    start, dash, rest = re.sub(r"[~～—–至到]", "-", word).partition("-")
    end, slash, late = rest.partition("/")
    if not dash:
        raise NotationError(word)
    try:
        window = TimeWindow(parse_clock(start), parse_clock(end), parse_clock(late) if slash else None)
    except NotationError:
        raise NotationError(word) from None
    if not window.start_seconds <= window.end_seconds <= (window.late_end_seconds or 86_400):
        raise NotationError(word)
    return window


def format_time_windows(windows: tuple[TimeWindow, ...]) -> str:
    """Times of day in the notation of `parse_time_windows`."""
    return " ".join(
        f"{format_clock(w.start_seconds)}-{format_clock(w.end_seconds)}"
        + (f"/{format_clock(w.late_end_seconds)}" if w.late_end_seconds is not None else "")
        for w in windows
    )


@lru_cache(maxsize=1)
def follow_up_rules() -> dict[str, FollowUpRule]:
    """The catalogue, by code."""
    with (DATA / "followup_rules.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _rule(row) for row in csv.DictReader(file)}


def _rule(row: dict[str, str]) -> FollowUpRule:
    options = tuple(option for channel in Channel if (option := _option(row, channel)) is not None)
    return FollowUpRule(
        code=row["code"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        category_zh=row["category_zh"],
        category_en=row["category_en"],
        priority=int(row["priority"]),
        options=options,
        time_windows=parse_time_windows(row["time_windows"]),
        order_class=OrderClass(row["order_class"]),
        service_class=ServiceClass(row["service_class"]),
        hard_end=row["hard_end"] == "yes",
        joint=Joint(_needs(row["joint_needs"])) if row["joint_needs"] else None,
        before_days=int(row["before_days"]),
        after_days=int(row["after_days"]),
        clock_hours=int(row["clock_hours"]) if row["clock_hours"] else None,
    )


def _option(row: dict[str, str], channel: Channel) -> ChannelOption | None:
    if not row[f"{channel}_minutes"]:
        return None
    head_count = 1 if channel is Channel.PHONE else int(row[f"{channel}_head_count"])
    return ChannelOption(channel, int(row[f"{channel}_minutes"]) * 60, _needs(row[f"{channel}_needs"]), head_count)


def _needs(text: str) -> tuple[StaffNeed, ...]:
    return parse_needs(text, frozenset(ROLES), frozenset(SKILLS))
