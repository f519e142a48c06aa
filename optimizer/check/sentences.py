"""How the judge speaks: what is concerned, what was expected and what was found, in Chinese and English."""

from typing import NamedTuple

from optimizer.plan import Crew, Violation


class Both(NamedTuple):
    """The same words in Chinese and English."""

    zh: str
    en: str


NOTHING = Both("无", "nothing")


def breach(rule: str, thing: Both, expected: Both, found: Both | str | int) -> Violation:
    """A broken rule: the thing concerned, then expected and found."""
    zh, en = found if isinstance(found, Both) else (str(found), str(found))
    return Violation(
        rule, thing.en, f"{thing.zh}：应为{expected.zh}，实为{zh}", f"{thing.en}: expected {expected.en}, found {en}"
    )


def same(text: object) -> Both:
    """Words that need no translation, such as an id or a number."""
    return Both(str(text), str(text))


def listed(names: object) -> Both:
    """Ids one after another, or nothing."""
    words = ", ".join(map(str, names)) if isinstance(names, (tuple, list, set, frozenset)) else str(names)
    return same(words) if words else NOTHING


def clock(seconds: int) -> str:
    """Seconds since midnight as 08:10, or 08:10:30 where seconds matter."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def crew_name(crew: Crew) -> Both:
    """A crew by its id."""
    return Both(f"队伍{crew.id}", f"crew {crew.id}")


def stop_name(crew: Crew, position: int) -> Both:
    """A stop by its crew and its position, the first being 1."""
    return Both(f"队伍{crew.id}第{position + 1}站", f"crew {crew.id}, stop {position + 1}")


def item_name(name: str) -> Both:
    """A follow-up by its id."""
    return Both(f"随访{name}", f"follow-up {name}")


def session_name(name: str) -> Both:
    """A session by its id."""
    return Both(f"巡诊{name}", f"session {name}")


def member_name(name: str, when: Both | None = None) -> Both:
    """A member by id, and when."""
    if when is None:
        return Both(f"队员{name}", f"member {name}")
    return Both(f"队员{name}，{when.zh}", f"member {name}, {when.en}")


def half_day_name(half_day: int) -> Both:
    """A half-day by its number."""
    return Both(f"半天{half_day}", f"half-day {half_day}")
