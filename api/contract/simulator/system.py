"""What the simulated contract system holds: records with versions, a clock that can go wrong, and write-backs."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import RLock

import numpy as np

from api.contract.cells import Json
from api.contract.digests import set_digest
from api.contract.simulator.rows import is_held_by, vendor_code, vendor_row, vendor_version
from api.contract.vendors import Vendor

TICK = timedelta(microseconds=1)
FIRST_SPREAD = timedelta(days=20)
SHARED_MOMENT = 7
"""So many records were changed at the same moment by a batch of the past, so that order needs the id too."""


@dataclass(frozen=True, slots=True)
class Held:
    """One version of a record."""

    record: dict[str, Json]
    version: int
    updated_at: datetime
    is_deleted: bool = False

    @property
    def external_id(self) -> str:
        """The record's id."""
        return str(self.record["external_id"])


@dataclass(frozen=True, slots=True)
class WriteBack:
    """An appointment or outcome that was written back, in the vendor's words, and how often it came."""

    key: str
    vendor: str
    topic: str
    external_id: str
    body: dict[str, Json]
    times: int = 1


@dataclass(slots=True)
class ContractSystem:
    """The records and write-backs; every method takes the lock, for tests look in from other threads."""

    held: dict[str, Held] = field(default_factory=dict)
    written: dict[str, WriteBack] = field(default_factory=dict)
    """By idempotency key, in the order of arrival."""
    clock_offset: timedelta = timedelta()
    lock: RLock = field(default_factory=RLock)

    def fill(self, records: Iterable[dict[str, Json]], now: datetime | None = None) -> None:
        """Take records as if they had come about over the last weeks."""
        rows = list(records)
        start = (now or datetime.now(UTC)) - FIRST_SPREAD
        step = FIRST_SPREAD / (len(rows) + 1)
        with self.lock:
            for number, record in enumerate(rows):
                moment = start + step * (number // SHARED_MOMENT * SHARED_MOMENT)
                self.held[str(record["external_id"])] = Held(record, 1, moment)

    def now(self) -> datetime:
        """The system's own clock."""
        return datetime.now(UTC) + self.clock_offset

    def change(self, external_id: str, values: dict[str, Json]) -> Held:
        """A new version of a record, or a new record."""
        with self.lock:
            old = self.held.get(external_id)
            record = {**(old.record if old else {}), **values, "external_id": external_id}
            return self._keep(Held(record, old.version + 1 if old else 1, self._moment(old)))

    def delete(self, external_id: str) -> Held:
        """A tombstone in place of a record."""
        with self.lock:
            old = self.held[external_id]
            return self._keep(replace(old, version=old.version + 1, updated_at=self._moment(old), is_deleted=True))

    def _moment(self, old: Held | None) -> datetime:
        moment = self.now()
        return moment + TICK if old is not None and moment == old.updated_at else moment

    def _keep(self, held: Held) -> Held:
        self.held[held.external_id] = held
        return held

    def page(self, vendor: Vendor, moment: datetime | None, external_id: str | None, filters: dict[str, str],
             offset: int, limit: int) -> tuple[list[Held], bool]:  # fmt: skip
        """Records in the order of change from a moment on; after the id at that moment where one is given."""
        with self.lock:
            found = [held for held in self.held.values() if _fits(vendor, held, filters)]
        if moment is not None and external_id is not None:
            found = [held for held in found if (held.updated_at, held.external_id) > (moment, external_id)]
        elif moment is not None:
            found = [held for held in found if held.updated_at >= moment]
        found.sort(key=lambda held: (held.updated_at, held.external_id))
        return found[offset : offset + limit], len(found) > offset + limit

    def find(self, vendor: Vendor, ids: Iterable[str]) -> tuple[list[Held], list[str]]:
        """The records of some ids, and the ids that are not there."""
        with self.lock:
            there = {name: held for name in ids if (held := self.held.get(name)) and is_held_by(vendor, held.record)}
        return list(there.values()), [name for name in ids if name not in there]

    def buckets(self, vendor: Vendor) -> dict[tuple[str, str], tuple[int, str]]:
        """Count and digest of what is not deleted, by the vendor's status and business type."""
        groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
        with self.lock:
            for held in self.held.values():
                if held.is_deleted or not is_held_by(vendor, held.record):
                    continue
                key = (vendor_code(vendor, "plan_status", held.record),
                       vendor_code(vendor, "business_type", held.record))  # fmt: skip
                version = vendor_version(vendor, held.updated_at, held.version)
                groups.setdefault(key, []).append((held.external_id, version))
        return {key: (len(items), set_digest(items)) for key, items in groups.items()}

    def write(self, entry: WriteBack, values: dict[str, Json]) -> bool:
        """Note what was written back; False when the key was used for something else. Raises KeyError: no record.

        `values` change the record, the first time only: an outcome gives it a new status.
        """
        with self.lock:
            if entry.external_id not in self.held:
                raise KeyError(entry.external_id)
            earlier = self.written.get(entry.key)
            if earlier is not None:
                self.written[entry.key] = replace(earlier, times=earlier.times + 1)
                return (earlier.topic, earlier.body) == (entry.topic, entry.body)
            self.written[entry.key] = entry
            if values:
                self.change(entry.external_id, values)
            return True

    def rows(self, vendor: Vendor, found: Iterable[Held]) -> list[dict[str, Json]]:
        """Records in the vendor's form."""
        return [
            vendor_row(vendor, held.record, held.updated_at, held.version, is_deleted=held.is_deleted) for held in found
        ]


def _fits(vendor: Vendor, held: Held, filters: dict[str, str]) -> bool:
    if not is_held_by(vendor, held.record):
        return False
    if not filters:
        return True
    own = {name: vendor_code(vendor, name, held.record) for name in ("plan_status", "business_type")}
    return not held.is_deleted and own == filters


EDITS = ("move", "done", "missed", "delete", "revive", "cancel_contract", "add", "unknown_code", "touch")


def edit_some(system: ContractSystem, count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Somebody at the contract system edits records; gives what was done to which."""
    done = []
    for _ in range(count):
        with system.lock:
            ids = sorted(system.held)
            chosen = ids[int(rng.integers(len(ids)))]
            edit = EDITS[int(rng.integers(len(EDITS)))]
            done.append((edit, edit_one(system, chosen, edit, rng).external_id))
    return done


def edit_one(system: ContractSystem, chosen: str, edit: str, rng: np.random.Generator) -> Held:
    """One edit of one record."""
    record = system.held[chosen].record
    due = datetime.fromisoformat(str(record["plan_date"]))
    later = (due + timedelta(days=int(rng.integers(1, 6)))).date().isoformat()
    if edit == "delete":
        return system.delete(chosen)
    if edit == "add":
        new = f"N{len(system.held) + 1:05d}"
        return system.change(new, {**record, "plan_status": 0, "last_date": None})
    values: dict[str, dict[str, Json]] = {
        "move": {"plan_date": later, "last_date": None, "plan_status": 0},
        "done": {"plan_status": 1, "visit_way": 4, "visit_effect": 1},
        "missed": {"plan_status": 3},
        "revive": {"plan_status": 0},
        "cancel_contract": {"contract_status": 2, "stop_reason": "moved", "stop_date": "2026-01-31"},
        "unknown_code": {"region_code": "12-digits?"},
        "touch": {"region_code": record.get("region_code")},
    }
    return system.change(chosen, values[edit])
