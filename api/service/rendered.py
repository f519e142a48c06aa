"""Answers that were rendered a moment ago, kept in memory while the version they were made from is the newest one."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock

MOST_BYTES = 64 << 20


@dataclass(slots=True)
class Rendered:
    """Bytes by a key that holds the version; the least used ones go first when there are too many."""

    most_bytes: int = MOST_BYTES
    _known: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _count: int = 0

    def find(self, key: Hashable) -> bytes | None:
        """The bytes of a key; None when they are not known."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def keep(self, key: Hashable, content: bytes) -> None:
        """Remember the bytes of a key."""
        with self._lock:
            if key not in self._known:
                self._known[key] = content
                self._count += len(content)
            while self._count > self.most_bytes:
                _, dropped = self._known.popitem(last=False)
                self._count -= len(dropped)
