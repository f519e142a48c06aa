"""Finding prices steps back behind the searches that want the same cores."""

import os
import sys
from threading import Thread

import pytest

from optimizer.week_bound.solver import NICENESS, _step_back


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows priorities of threads")
def test_only_the_thread_that_steps_back_is_less_urgent() -> None:
    before, inside = os.getpriority(os.PRIO_PROCESS, 0), list[int]()

    def work() -> None:
        _step_back()
        inside.append(os.getpriority(os.PRIO_PROCESS, 0))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [min(19, before + NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
