"""The first Ctrl-C is a wish to stop, the second one ends the program."""

import os
import signal
import threading

import pytest

from api.interrupt import stoppable


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
