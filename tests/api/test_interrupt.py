"""The first Ctrl-C is a wish to stop, the second one ends the program."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from api.interrupt import stoppable
from tests.api.conftest import WEEK

INTERRUPTED = """
import os, signal, sys, threading
import optimizer.solve
from api.cli import run
solve = optimizer.solve.solve
def interrupted(*arguments):
    threading.Timer(3, os.kill, (os.getpid(), signal.SIGINT)).start()
    return solve(*arguments)
optimizer.solve.solve = interrupted
sys.exit(run(sys.argv[1:]))
"""


def test_the_first_interrupt_sets_the_event_and_the_second_one_is_raised() -> None:
    with stoppable() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.wait(1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_usual_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_nothing_is_caught() -> None:
    found: list[bool] = []

    def ask() -> None:
        before = signal.getsignal(signal.SIGINT)
        with stoppable() as asked:
            found.extend([asked.is_set(), signal.getsignal(signal.SIGINT) is before])

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [False, True]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a console's Ctrl-C cannot be sent to one process there")
def test_an_interrupted_plan_is_written_as_far_as_it_got(demo_folder: Path, tmp_path: Path) -> None:
    """The real command with the real solvers, interrupted three seconds after they began."""
    words = ["plan", str(demo_folder), "--week", WEEK, "--seconds", "90", "-o", str(tmp_path / "out"), "--json"]
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, *words], capture_output=True, timeout=80, check=False)
    assert done.returncode == 130, done.stderr
    assert (tmp_path / "out" / "plan.json").exists()
