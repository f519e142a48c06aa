"""The worker: takes jobs from the queue, beats for those it holds, passes cancels on, and does the chores.

Any number of workers share one database. One loop does all the beating, so that a search that hogs its thread cannot
keep it from living; a thread per job does the work, and the search itself runs in a process of its own.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from api.jobs import queue
from api.jobs.chores import Round, Routine
from api.jobs.held import Held, Why
from api.jobs.queue import LostJob
from api.jobs.refusals import JobRefused
from api.jobs.work import UNREACHABLE, Shop, carry_out, crashed, refuse, written
from api.service.logs import log
from api.store.base import new_id
from api.store.models.jobs import JobState
from api.store.scope import everything


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the worker does what."""

    lease_seconds: float = 20.0
    """A job whose worker has not been heard of for so long is taken up by another."""
    beat_seconds: float = 1.0
    look_seconds: float = 0.15
    """How often cancels are looked for while something is held."""
    idle_seconds: float = 1.0
    """The longest pause while nothing is to be done; it grows up to this."""
    chore_seconds: float = 1.0


def name_of_worker() -> str:
    """A name that no other worker has: machine, process and a random end."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{new_id()[:8]}"


class Worker:
    """Works until it is told to stop; `concurrency` jobs side by side."""

    def __init__(
        self, shop: Shop, *, concurrency: int = 1, routines: Sequence[Routine] = (), pace: Pace | None = None
    ) -> None:
        self.name = name_of_worker()
        self._shop = shop
        self._pace = pace or Pace()
        self._concurrency = concurrency
        self._held: dict[str, tuple[Held, Future[JobState | None]]] = {}
        self._round = Round(shop.database, routines, self.name)
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="job")
        self._beaten_at = self._chored_at = 0.0
        self._pause = self._pace.look_seconds

    def run(self, stop: threading.Event, *, until_empty: bool = False) -> None:
        """Work until `stop` is set, or with `until_empty` until nothing waits; then give back what is held."""
        while not stop.is_set():
            try:
                took = self._turn()
            except UNREACHABLE as error:
                log("database unreachable", {}, logging.WARNING, error)
                took = False
            if until_empty and not took and not self._held:
                break
            stop.wait(self._next_pause(is_busy=took or bool(self._held)))
        self._leave()

    def _next_pause(self, *, is_busy: bool) -> float:
        """Short while there is something to do, then longer and longer."""
        self._pause = self._pace.look_seconds if is_busy else min(self._pace.idle_seconds, 1.5 * self._pause)
        return self._pause

    def _turn(self) -> bool:
        """One look at everything; whether a job was taken."""
        self._reap()
        self._pass_cancels_on()
        self._beat_when_due()
        took = self._take()
        if time.monotonic() - self._chored_at >= self._pace.chore_seconds:
            self._chored_at = time.monotonic()
            self._round.look()
        return took

    def _take(self) -> bool:
        """Claim jobs for every free place; whether there was one."""
        took = False
        while len(self._held) < self._concurrency:
            claim = self._claim()
            if claim is None:
                break
            held = Held(claim)
            log("job taken", {"job_id": claim.job_id, "attempt": claim.attempt})
            self._held[claim.job_id] = (held, self._pool.submit(carry_out, self._shop, held))
            took = True
        return took

    def _claim(self) -> queue.Claim | None:
        """The next job; a look that only reads comes first, so that idle workers hold nobody up."""
        with self._shop.database.session(everything("worker"), read_only=True) as session:
            if not queue.is_work_waiting(session):
                return None
        with self._shop.database.session(everything("worker")) as session:
            return queue.claim(session, worker=self.name, lease_seconds=self._pace.lease_seconds)

    def _pass_cancels_on(self) -> None:
        if not self._held:
            return
        claims = [held.claim for held, _ in self._held.values()]
        with self._shop.database.session(everything("worker"), read_only=True) as session:
            cancelled = queue.list_cancelled(session, claims)
        for job_id in cancelled:
            self._held[job_id][0].stop(Why.CANCELLED)

    def _beat_when_due(self) -> None:
        if time.monotonic() - self._beaten_at < self._pace.beat_seconds:
            return
        self._beaten_at = time.monotonic()
        for held, future in self._held.values():
            if not future.done() and held.why is not Why.LOST:
                self._beat(held)

    def _beat(self, held: Held) -> None:
        look, found = held.news()
        try:
            with self._shop.database.session(everything("worker")) as session:
                queue.beat(session, held.claim, self._pace.lease_seconds, look, found)
        except LostJob:
            held.stop(Why.LOST)
        else:
            held.is_written(look, found)

    def _reap(self) -> None:
        """Take what has ended off the list, and see to what has failed."""
        for job_id, (held, future) in list(self._held.items()):
            if future.done():
                del self._held[job_id]
                self._see_to(held, future)

    def _see_to(self, held: Held, future: Future[JobState | None]) -> None:
        error = future.exception()
        fields: dict[str, object] = {"job_id": held.claim.job_id, "attempt": held.claim.attempt}
        try:
            if error is None:
                log("job ended", {**fields, "state": str(future.result() or "given back")})
            elif isinstance(error, LostJob):
                log("job lost", fields, logging.WARNING)
            elif isinstance(error, JobRefused):
                state = self._refused(held, error)
                log("job refused", {**fields, "code": error.reason.code, "state": str(state)}, logging.WARNING)
            else:
                log("job crashed", {**fields, "state": str(crashed(self._shop, held))}, logging.ERROR, error)
        except LostJob:
            log("job lost", fields, logging.WARNING)

    def _refused(self, held: Held, error: JobRefused) -> JobState:
        if held.why is Why.LEAVING:  # stopped by us, so the try does not count
            _, found = held.news()
            return written(self._shop.database, lambda session: queue.give_back(session, held.claim, found=found))
        return refuse(self._shop, held, error)

    def _leave(self) -> None:
        """Stop every search, give the jobs back with their best plans, end the chores."""
        while self._held:
            for held, _ in self._held.values():
                held.stop(Why.LEAVING)
            try:
                self._reap()
                self._beat_when_due()
            except UNREACHABLE as error:  # their leases run out, and others take them up
                log("database unreachable", {}, logging.WARNING, error)
            time.sleep(self._pace.look_seconds)
        self._pool.shutdown(wait=True)
        self._round.close()
        self._shop.engine.close()
