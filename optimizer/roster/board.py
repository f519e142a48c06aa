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
NOBODY = -1
"""No activity, no session, no class of vehicles."""
SESSION, ATTACHED, HOME = 0, 1, 2
"""Kinds of entries, as in `book.Kind`."""
FIRST, SECOND = 0, 1
"""Parts of a joint visit."""
COST, CURRENT, BEST, ITERATIONS, TOUCHED, DROPPED, STAMP, CHANGED = range(8)
"""Columns of `Table.totals`."""
MOST_DROPPED = 2_000


class Board(NamedTuple):
    """`x_from` marks where the rows of every activity (or sign, or group) begin; its last number is where they end."""

    half: Int
    session: Int
    """NOBODY for a home crew."""
    movable: Bool
    """Whether the search may book or cancel it."""
    price: Int
    low: Int
    high: Int
    room: Int
    """Minutes per member of a session, minutes of a home crew."""
    heads: Int
    spare: Int
    """(activities, vehicle classes) minutes for home visits beside a session."""
    seconds: Int
    """Field time of a session; 0 for a home crew."""
    base: Int
    """Row of `radial`."""
    member_from: Int
    member: Int
    member_price: Int
    need_from: Int
    need_fit: Int
    need_count: Int
    sign_from: Int
    """A sign is what some entries of an activity need of its crew."""
    sign_heads: Int
    sign_need_from: Int
    sign_fit: Int
    sign_count: Int
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
    entry_from: Int
    """Entries of every activity, those that save most per minute first."""
    entry_group: Int
    entry_kind: Int
    entry_price: Int
    entry_minutes: Int
    entry_sign: Int
    entry_early: Int
    """Bit set of the activity's early ends that it counts for."""
    entry_place: Int
    entry_activity: Int
    pair_from: Int
    """A row of these: one crew's part in a joint visit, by activity."""
    pair_joint: Int
    pair_part: Int
    """FIRST for the crew of the visit, SECOND for the one that joins it."""
    pair_price: Int
    pair_minutes: Int
    pair_sign: Int
    pair_place: Int
    pair_activity: Int
    joint_from: Int
    joint_row: Int
    """Rows of every joint visit."""
    joint_group: Int
    early_count: Int
    early_minutes: Int
    """(activities, most early ends) minutes per member up to each, with the slowest vehicle."""
    early_sooner: Int
    """(activities, most early ends, vehicle classes) minutes that a faster vehicle adds, for the fewest members."""
    group_count: Int
    group_points: Int
    """For one who is left."""
    is_due: Bool
    way_from: Int
    way: Int
    """Entries of every group."""
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
    most: Int
    """Half-days of every member."""
    fair: Int
    field_seconds: Int
    burden: int
    minute_points: int


class Table(NamedTuple):
    """A roster under way: views of `present`, in this order. `kept` and `best` are copies of the whole."""

    present: Int
    kept: Int
    best: Int
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
    """(members, half-days) activity, or NOBODY."""
    used: Int
    """Half-days of every member."""
    field: Int
    """(members, days) seconds in the field for sessions."""
    driven: Int
    """(classes, half-days)."""
    at_site: Int
    """(sites, half-days) sessions."""
    in_series: Int
    """(series, days) sessions."""
    # Notes of one iteration, in no copy.
    touched: Int
    """Half-days to put together again."""
    is_touched: Int
    dropped: Int
    """Groups that have lost contacts."""
    changed: Int
    """Activities to copy."""
    is_changed: Int
    stamp: Int
    paying: Int
    """Activities that may still pay."""
    trial: Int
    """By candidate of the activity at hand: 1 for free, 2 for chosen."""
    key: NDArray[np.float64]
    early: Int
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
    activities, members, halves = len(board.half), len(board.most), len(board.half_from) - 1
    days, classes = -(-halves // HALVES_PER_DAY), len(board.seats)
    shapes = {
        **dict.fromkeys(("on", "size", "vehicle", "value"), (activities,)),
        "crew": (activities, int(board.high.max(initial=1))),
        "taken": (len(board.entry_group),),
        "left": (len(board.group_count),),
        "pairs": (len(board.joint_group), 2),
        "held": (len(board.site),),
        "busy": (members, halves),
        "used": (members,),
        "field": (members, days),
        "driven": (classes, halves),
        "at_site": (int(board.site.max(initial=0)) + 1, halves),
        "in_series": (int(board.series.max(initial=0)) + 1, days),
    }
    sizes = [int(np.prod(shape)) for shape in shapes.values()]
    present = np.zeros(sum(sizes), np.int64)
    parts = np.split(present, np.cumsum(sizes)[:-1])
    views = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
    views["held"][:], views["busy"][:], views["left"][:] = NOBODY, NOBODY, board.group_count
    views["pairs"][:] = NOBODY
    lengths = {
        "touched": halves,
        "is_touched": halves,
        "dropped": MOST_DROPPED,
        "trial": members,
        "early": 64,
        **dict.fromkeys(("changed", "is_changed", "stamp", "paying"), activities),
        "tried": len(board.pair_joint),
        "seen": len(board.detour),
        "totals": CHANGED + 1,
    }
    notes = {name: np.zeros(max(1, length), np.int64) for name, length in lengths.items()}
    notes["totals"][COST] = int((board.group_count * board.group_points).sum() + board.unheld.sum())
    return Table(
        present=present,
        kept=present.copy(),
        best=present.copy(),
        **views,
        **notes,
        key=np.zeros(max(1, members)),
        random=np.array([seed], np.uint64),
    )


def _blank() -> Board:
    """A board without anything on it."""
    flags = ("movable", "is_due")
    tables = ("vehicles", "early_minutes", "near", "radial", "spare")
    arrays: dict[str, Any] = {name: np.zeros(0, np.bool_ if name in flags else np.int64) for name in Board._fields}
    arrays |= {name: np.zeros((0, 0), np.int64) for name in tables}
    arrays |= {name: np.zeros((0, 0), np.bool_) for name in ("fit", "may_take", "drives", "at_base")}
    arrays["early_sooner"] = np.zeros((0, 0, 0), np.int64)
    return Board(**arrays | {"half_from": np.zeros(1, np.int64), "burden": 0, "minute_points": 0})


BLANK = _blank()
