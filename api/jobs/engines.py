"""Where a solve runs: a protocol with two answers, a process on this machine, or a task of a Ray cluster."""

from typing import Protocol

from api.jobs.local import LocalEngine
from api.jobs.messages import Cancelled, OnMessage, Order, Solved


class Engine(Protocol):
    """Runs one solve at a time for each caller; may be called from several threads at once."""

    def run(self, order: Order, on_message: OnMessage, cancelled: Cancelled) -> Solved:
        """The answer to an order; `on_message` hears looks and plans meanwhile, `cancelled` is asked often.

        A cancelled solve hands in its best plan. Raises JobRefused when there is no answer.
        """

    def close(self) -> None:
        """Let go of whatever the engine holds."""


def engine_of(ray_address: str) -> Engine:
    """The engine that the settings ask for; raises JobRefused when Ray is wanted and is not there."""
    if not ray_address:
        return LocalEngine()
    from api.jobs.cluster import RayEngine  # here, because Ray is an extra and takes seconds to load

    return RayEngine(ray_address)
