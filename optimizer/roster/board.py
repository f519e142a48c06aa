"""What the quick search sees of the joint model: plain arrays, because compiled code reads nothing else quickly.

`Board` never changes; `Table` is one search's roster under way. An activity is a session on one half-day or a home crew
on one half-day, numbered as in `Sheet.activities`; an entry is a group that an activity can serve in one way.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.calendar import HALVES_PER_DAY

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Records = np.recarray[Any, Any]
NOBODY = -1
"""No activity, no session, no class of vehicles."""
SESSION, ATTACHED, HOME = 0, 1, 2
"""Kinds of entries, as in `book.Kind`."""
FIRST, SECOND = 0, 1
"""Parts of a joint visit."""
COST, CURRENT, BEST, ITERATIONS, TOUCHED, DROPPED, STAMP, CHANGED, GIVEN = range(9)
"""Columns of `Table.totals`."""
MOST_DROPPED = 2_000


ROWS = {
    "activity": (
        *("half", "session", "movable", "price", "low", "high", "room", "heads", "seconds", "base", "early_count"),
        *("least", "member_from", "need_from", "sign_from", "entry_from", "pair_from"),
    ),
    "candidate": ("member", "price"),
    "need": ("fit", "count"),
    "sign": ("heads", "need_from"),
    "sign_need": ("fit", "count"),
    "entry": ("early", "saves", "kind", "minutes", "sign", "place"),
    "pair": ("joint", "part", "price", "minutes", "sign", "place", "activity"),
    "group": ("count", "points", "is_due", "way_from"),
    "person": ("most", "fair", "field_seconds"),
}
"""Fields of the records, all whole numbers."""
ENDED = ("activity", "sign", "group")
"""Records with one row more, in which lists end."""


class Board(NamedTuple):
    """Records so that a kernel is handed few arrays: calls were half of the time with an array for every field.

    `x_from` marks where the rows of an activity (or sign, or group) in a list begin, and that of the next one where
    they end; the last row of such records is for nothing else.
    """

    activity: Records
    """`session` NOBODY for a home crew; `movable`: the search may book or cancel it; `room` minutes per member of a
    session, minutes of a home crew; `seconds` field time of a session, 0 for a home crew; `base` row of `radial`."""
    spare: Int
    """(activities, vehicle classes) minutes for home visits beside a session."""
    candidate: Records
    """Members who could be in an activity's crew."""
    need: Records
    """How many of a set of `fit` an activity's crew has."""
    sign: Records
    """What some entries of an activity need of its crew."""
    sign_need: Records
    fit: Bool
    """(sets, members) who is in a set of members that some need asks for."""
    may_take: Bool
    """(activities, vehicle classes); the classes from the plainest to the best equipped."""
    seats: Int
    drives: Bool
    """(classes, members)."""
    at_base: Bool
    """(classes, members)."""
    vehicles: Int
    """(classes, half-days) how many."""
    entry: Records
    """Those of an activity that save most per minute first; `early`: bit set of its early ends that it counts for."""
    served: Int
    """Group of every entry, in a row of their own: most are passed over since nobody of it is left."""
    pair: Records
    """One crew's part in a joint visit: FIRST for the crew of the visit, SECOND for the one that joins it."""
    joint_from: Int
    joint_row: Int
    """Rows of every joint visit."""
    joint_group: Int
    early_minutes: Int
    """(activities, most early ends) minutes per member up to each, with the slowest vehicle."""
    early_sooner: Int
    """(activities, most early ends, vehicle classes) minutes that a faster vehicle adds, for the fewest members."""
    group: Records
    """`points` for one who is left."""
    way: Int
    """Activities of every group's entries."""
    unheld: Int
    """Points of every session that is not held."""
    site: Int
    series: Int
    near: Int
    """(sessions, sessions) nearest first."""
    half_from: Int
    at_half: Int
    """Activities of every half-day."""
    radial: Int
    """(bases, places) minutes."""
    detour: Int
    """Minutes, by place."""
    person: Records
    """Members, with half-days and field seconds a day."""
    burden: int
    minute_points: int


def board_of(columns: dict[str, Any]) -> Board:
    """The board of its arrays, with the columns of its records named `record.field`."""
    records = {name: {f: columns.pop(f"{name}.{f}") for f in fields} for name, fields in ROWS.items()}
    return Board(**columns | {name: _records(name, found) for name, found in records.items()})


def _records(name: str, columns: dict[str, Any]) -> Records:
    """A record array; columns without a row for the end have a zero there."""
    length = max(len(values) for values in columns.values())
    rows = np.zeros(length, np.dtype([(field, np.int64) for field in ROWS[name]]))
    for field, values in columns.items():
        rows[field][: len(values)] = values
    return rows.view(np.recarray)


class Roster(NamedTuple):
    """A roster: views of one flat array, in this order."""

    on: Int
    size: Int
    vehicle: Int
    value: Int
    """Points that the contacts of an activity save."""
    crew: Int
    """(activities, most members)."""
    taken: Int
    """How many are served, by entry."""
    left: Int
    """How many are left, by group."""
    pairs: Int
    """(joint visits, parts) row of the crew that has the part, or NOBODY."""
    held: Int
    """Activity of every session, or NOBODY."""
    busy: Int
    """(half-days, members) activity, or NOBODY."""
    used: Int
    """Half-days of every member."""
    field: Int
    """(days, members) seconds in the field for sessions."""
    driven: Int
    """(half-days, classes)."""
    at_site: Int
    """(half-days, sites) sessions."""
    in_series: Int
    """(days, series) sessions."""


class Table(NamedTuple):
    """A roster under way."""

    present: Int
    kept: Int
    best: Int
    now: Roster
    """The views of `present`."""
    was: Roster
    """Those of `kept`."""
    # Notes of one iteration, in no copy.
    touched: Int
    """Half-days to put together again."""
    is_touched: Int
    dropped: Int
    """Groups that have lost contacts."""
    changed: Int
    """Activities to copy."""
    is_changed: Int
    copied: Int
    """Stamp of the last copy, by half-day."""
    stamp: Int
    paying: Int
    """Activities that may still pay."""
    trial: Int
    """By candidate of the activity at hand: 1 for free, 2 for chosen."""
    key: NDArray[np.float64]
    early: Int
    given: Int
    """(most entries, 2) entry and count of the contacts that were handed out last, `totals[GIVEN]` rows of them."""
    tried: Int
    """Rows of joint visits that were looked at."""
    seen: Int
    totals: Int
    random: NDArray[np.uint64]


class Settings(NamedTuple):
    """The numbers of the search; temperatures and noise in cost points."""

    hot: float
    cold: float
    most_removed: int
    blink: float
    noise: float
    contacts_share: float
    """Share of the iterations that only move contacts."""
    aimed_share: float
    """Share of the iterations that look at a joint visit, and make room for it when it is left."""


def empty_table(board: Board, seed: int) -> Table:
    """The roster in which nobody goes out."""
    activities, members, halves = len(board.activity) - 1, len(board.person), len(board.half_from) - 1
    days, classes = -(-halves // HALVES_PER_DAY), len(board.seats)
    shapes = {
        **dict.fromkeys(("on", "size", "vehicle", "value"), (activities,)),
        "crew": (activities, int(board.activity.high.max(initial=1))),
        "taken": (len(board.entry),),
        "left": (len(board.group) - 1,),
        "pairs": (len(board.joint_group), 2),
        "held": (len(board.site),),
        "busy": (halves, members),
        "used": (members,),
        "field": (days, members),
        "driven": (halves, classes),
        "at_site": (halves, int(board.site.max(initial=0)) + 1),
        "in_series": (days, int(board.series.max(initial=0)) + 1),
    }
    present = np.zeros(sum(int(np.prod(shape)) for shape in shapes.values()), np.int64)
    now = _views(present, shapes)
    now.held[:], now.busy[:], now.left[:], now.pairs[:] = NOBODY, NOBODY, board.group["count"][:-1], NOBODY
    kept = present.copy()
    lengths = {
        "touched": halves,
        "is_touched": halves,
        "copied": halves,
        "dropped": MOST_DROPPED,
        "trial": members,
        "early": 64,
        **dict.fromkeys(("changed", "is_changed", "stamp", "paying"), activities),
        "tried": len(board.pair),
        "seen": len(board.detour),
        "totals": GIVEN + 1,
    }
    notes = {name: np.zeros(max(1, length), np.int64) for name, length in lengths.items()}
    notes["totals"][COST] = int((board.group["count"] * board.group.points).sum() + board.unheld.sum())
    return Table(
        present=present,
        kept=kept,
        best=present.copy(),
        now=now,
        was=_views(kept, shapes),
        **notes,
        given=np.zeros((max(1, int(np.diff(board.activity.entry_from).max(initial=0))), 2), np.int64),
        key=np.zeros(max(1, members)),
        random=np.array([seed], np.uint64),
    )


def _views(flat: Int, shapes: dict[str, tuple[int, ...]]) -> Roster:
    """A roster of a flat array."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
    parts = np.split(flat, ends[:-1])
    return Roster(**{name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)})


def _blank() -> Board:
    """A board without anything on it."""
    columns: dict[str, Any] = {name: np.zeros(0, np.int64) for name in Board._fields if name not in ROWS}
    columns |= {f"{name}.{f}": np.zeros(int(name in ENDED), np.int64) for name, fields in ROWS.items() for f in fields}
    columns |= {name: np.zeros((0, 0), np.int64) for name in ("vehicles", "early_minutes", "near", "radial", "spare")}
    columns |= {name: np.zeros((0, 0), np.bool_) for name in ("fit", "may_take", "drives", "at_base")}
    columns["early_sooner"] = np.zeros((0, 0, 0), np.int64)
    return board_of(columns | {"half_from": np.zeros(1, np.int64), "burden": 0, "minute_points": 0})


BLANK = _blank()
