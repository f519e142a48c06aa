"""Work in a fresh process, so that its memory and caches are its own; tells how much memory it took."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from tests.bench.results import peak_mb

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class WorkFailed(RuntimeError):
    """The process ended without an answer (out of memory, a crash); the message says how."""


@dataclass(frozen=True, slots=True)
class Apart(Generic[Answer]):
    """An answer and the most memory of its process."""

    answer: Answer
    peak_mb: float


def work_apart(work: Callable[[Task], Answer], task: Task) -> Apart[Answer]:
    """The answer of a module's function in a fresh process. Raises WorkFailed when the process dies or raises."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, work, task))
    process.start()
    there.close()
    try:
        found: Apart[Answer] = here.recv()
    except EOFError:
        process.join()
        raise WorkFailed(f"{work.__name__}: the process ended with code {process.exitcode}") from None
    finally:
        here.close()
    process.join()
    return found


def work_side_by_side(work: Callable[[Task], Answer], tasks: Sequence[Task]) -> list[Apart[Answer]]:
    """Several tasks at the same time, each in its own process."""
    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(lambda task: work_apart(work, task), tasks))


def _serve(there: Connection, work: Callable[[Task], Answer], task: Task) -> None:
    """In the new process: do the work and send what it gave."""
    answer = work(task)
    there.send(Apart(answer, peak_mb()))
