"""Sessions that share residents are drawn together, and every session can be drawn."""

import numpy as np

from optimizer.roster.competing import draw_competing, shared_groups

SHARED = shared_groups(5, [[0, 1], [0, 1], [1, 0, 1], [2, 3], [4]])


def test_groups_are_counted_once_for_each_two_of_their_sessions() -> None:
    assert SHARED[0, 1] == SHARED[1, 0] == SHARED[1, 1] == 3
    assert SHARED[2, 3] == 1
    assert SHARED[0, 2] == SHARED[0, 4] == 0


def test_those_that_share_most_are_drawn_together_most_often() -> None:
    rng = np.random.default_rng(1)
    drawn = [set(draw_competing(SHARED, [0, 1, 2], 2, rng)) for _ in range(200)]
    assert all(len(some) == 2 for some in drawn)
    assert drawn.count({0, 1}) > drawn.count({0, 2}) > 0


def test_nobody_is_drawn_twice_and_no_more_than_there_are() -> None:
    rng = np.random.default_rng(1)
    left = [0, 1, 2, 3, 4]
    first, second = draw_competing(SHARED, left, 3, rng), draw_competing(SHARED, left, 3, rng)
    assert sorted(first + second) == [0, 1, 2, 3, 4]
    assert left == []
    assert draw_competing(SHARED, left, 3, rng) == []
