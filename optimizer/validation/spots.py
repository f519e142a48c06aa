"""Where a fault is, and the questions that every part is asked: known, unique, inside a range, in order."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from optimizer.errors import Fault

DAY_SECONDS = 86_400
MOST_NAMES_COMPARED = 300
"""Looking for a similar name among more would take longer than reading the list of faults."""

ADVICE = {
    "DUPLICATE_ID": ("给其中一个换一个编号", "Give one of them another id"),
    "UNKNOWN_REFERENCE": ("核对编号，或先加入被引用的对象", "Check the id, or add what it refers to"),
    "OUT_OF_RANGE": ("改成范围内的数值", "Use a value inside the range"),
    "ORDER": ("检查先后顺序", "Put them in order"),
    "EMPTY": ("至少填写一项", "Give at least one"),
    "DOUBLED": ("删除重复项", "Remove the repetition"),
    "NOT_CONSECUTIVE": (
        "逐日列出日期；休息日设为上午、下午均关闭",
        "List every date in turn; close both halves of a day off",
    ),
    "TOO_LONG": ("缩短时长，或延长半天", "Shorten it, or lengthen the half-day"),
    "MATRIX_SHAPE": ("按地点顺序重算路程表", "Measure the travel times for these sites in this order"),
    "MATRIX_VALUE": ("重算路程表；不通的地点请先移走", "Measure the travel times again; take unreachable sites out"),
    "NO_WAY": ("增加随访方式，或填写可就诊的巡诊点", "Add another channel, or the sites of its sessions"),
    "CONTRADICTORY_PIN": ("只保留一个一致的锁定", "Keep one pin that agrees with itself"),
}
"""What to do about a fault, in Chinese and English, by code."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the problem: a JSON pointer and the id of the part it belongs to."""

    pointer: str
    id: str = ""

    def at(self, *steps: str | int) -> "Spot":
        """A place further inside."""
        return Spot("/".join((self.pointer, *map(str, steps))), self.id)

    def fault(self, code: str, found: object, expected: str) -> Fault:
        """A fault here, with the advice for its code."""
        where = f"{self.pointer} ({self.id})" if self.id else self.pointer
        advice_zh, advice_en = ADVICE[code]
        return Fault(code, where, _shown(found), expected, advice_zh, advice_en)


def spots_of(pointer: str, ids: Sequence[str]) -> list[Spot]:
    """The places of the parts in a list, by their ids."""
    return [Spot(f"{pointer}/{number}", id_) for number, id_ in enumerate(ids)]


def judge_ids(pointer: str, ids: Sequence[str]) -> Iterator[Fault]:
    """Ids that are empty, or given twice (reported at every later place)."""
    seen: dict[str, int] = {}
    for number, spot in enumerate(spots_of(pointer, ids)):
        if not spot.id:
            yield spot.at("id").fault("EMPTY", "", "an id")
        elif spot.id in seen:
            yield spot.at("id").fault("DUPLICATE_ID", spot.id, f"an id other than that of {pointer}/{seen[spot.id]}")
        seen.setdefault(spot.id, number)


def judge_known(spot: Spot, name: str, known: Collection[str], what: str, *, optional: bool = False) -> Iterator[Fault]:
    """A reference to something that is not there; names a similar one where there is one."""
    if name in known or (optional and not name):
        return
    near = get_close_matches(name, sorted(known), 1) if name and len(known) <= MOST_NAMES_COMPARED else []
    yield spot.fault("UNKNOWN_REFERENCE", name, f"{what}; did you mean {near[0]}?" if near else what)


def judge_all_known(spot: Spot, names: Sequence[str], known: Collection[str], what: str) -> Iterator[Fault]:
    """The same for a list, which may name nothing twice."""
    for number, name in enumerate(names):
        yield from judge_known(spot.at(number), name, known, what)
    yield from judge_doubled(spot, names)


def judge_doubled(spot: Spot, values: Sequence[object]) -> Iterator[Fault]:
    """Values that a list has twice."""
    doubled = [value for value, count in Counter(values).items() if count > 1]
    if doubled:
        yield spot.fault("DOUBLED", ", ".join(map(str, doubled)), "each once")


def judge_range(spot: Spot, value: int | None, least: int, most: int | None = None) -> Iterator[Fault]:
    """A number outside [least, most]; None is no number and passes."""
    if value is None or (least <= value and (most is None or value <= most)):
        return
    yield spot.fault("OUT_OF_RANGE", value, f"at least {least}" if most is None else f"{least} to {most}")


def judge_half_days(spot: Spot, half_days: Sequence[int], count: int) -> Iterator[Fault]:
    """Half-day numbers outside the plan, or named twice."""
    for number, half_day in enumerate(half_days):
        if not 0 <= half_day < count:
            yield spot.at(number).fault("OUT_OF_RANGE", half_day, f"a half-day number from 0 to {count - 1}")
    yield from judge_doubled(spot, half_days)


def judge_order(spot: Spot, *values: tuple[str, object, int | None], strict: bool = False) -> Iterator[Fault]:
    """Values, as (name, as shown, number), that do not rise in the order given; a None is left out."""
    given = [value for value in values if value[2] is not None]
    for (name, shown, number), (next_name, next_shown, next_number) in pairwise(given):
        if number is None or next_number is None:
            continue
        if number > next_number or (strict and number == next_number):
            relation = "before" if strict else "not after"
            yield spot.at(next_name).fault("ORDER", next_shown, f"{name} {shown} {relation} {next_name}")


def judge_spell(spot: Spot, start: int, end: int, late_end: int | None = None) -> Iterator[Fault]:
    """A spell of the day outside the day, or ending before it begins."""
    names = (("start_seconds", start), ("end_seconds", end), ("late_end_seconds", late_end))
    for name, value in names:
        yield from judge_range(spot.at(name), value, 0, DAY_SECONDS)
    yield from judge_order(spot, *((name, value, value) for name, value in names))


def _shown(value: object) -> str:
    return "nothing" if value in ("", ()) else str(value)
