"""What the measurement of progress and cancelling says."""

import pytest

from tests.bench import cancel


def test_the_cancel_bench_says_which_target_is_missed() -> None:
    assert cancel.verdict("peak memory", 499.0, 500.0, "MB").endswith("ok")
    assert cancel.verdict("peak memory", 501.0, 500.0, "MB").endswith("FALLS SHORT")
    looks = cancel.Looks([1.0, 1.1, 1.4, 1.5])
    assert looks.longest_silence() == pytest.approx((0.3, 0.1))
    assert looks.mean_seconds() == pytest.approx(0.5 / 3)
