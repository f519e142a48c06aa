"""A job in a worker's hands, shared by the thread that works on it and the loop that beats for it."""

import threading
from enum import StrEnum

from api.jobs.messages import Found, Look
from api.jobs.queue import Claim


class Why(StrEnum):
    """Why a search shall stop before its end."""

    CANCELLED = "cancelled"
    """Somebody asked for it; the best plan is kept and the job ends."""
    LEAVING = "leaving"
    """The worker goes; the job goes back to the queue with the best plan."""
    LOST = "lost"
    """Another worker has the job; nothing may be written any more."""


class Held:
    """One held job: its claim, the newest news of its search, and whether to stop."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.why: Why | None = None
        self._lock = threading.Lock()
        self._look: Look | None = None
        self._found: Found | None = None

    def stop(self, why: Why) -> None:
        """Ask the search to stop; a lost job stays lost, and a cancelled one is not given back."""
        if self.why is not Why.LOST and (self.why is None or why is Why.LOST):
            self.why = why

    def shall_stop(self) -> bool:
        """Whether the search shall stop."""
        return self.why is not None

    def on_message(self, message: Look | Found) -> None:
        """Note what the search tells: the latest look, the best plan."""
        with self._lock:
            if isinstance(message, Look):
                self._look = message
            elif self._found is None or message.rank < self._found.rank:
                self._found = message

    def news(self) -> tuple[Look | None, Found | None]:
        """What has not been written yet."""
        with self._lock:
            return self._look, self._found

    def is_written(self, look: Look | None, found: Found | None) -> None:
        """Note that these are in the database now."""
        with self._lock:
            if self._look is look:
                self._look = None
            if self._found is found:
                self._found = None
