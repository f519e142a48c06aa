"""What is really in the store, for requests that shall get past the first door: ids by table, words by field name."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.api.fuzz.ground import PASSWORD, PERSON, WEEK, Ground

OTHER_NAMES = {
    "api-keys": "api_keys",
    "sources": "contract_sources",
    "runs": "sync_runs",
    "subscriptions": "webhook_subscriptions",
}
"""Tables of which the address says another name."""
ID_FIELDS = {
    "plan_id": "plans",
    "base_plan_id": "plans",
    "other": "plans",
    "source_id": "contract_sources",
    "subscription_id": "webhook_subscriptions",
    "resident_id": "residents",
    "follow_up_id": "follow_ups",
    "account_id": "accounts",
    "key_id": "api_keys",
    "target_id": "plans",
}
EXTERNAL = {
    "sites": ("site", "base", "village", "sites", "location"),
    "teams": ("team", "teams"),
    "members": ("member", "members", "leaves", "joins", "preferred", "member_external_id"),
    "vehicles": ("vehicle",),
    "patrols": ("session", "target"),
    "residents": ("resident", "household"),
    "follow_ups": ("follow_up", "follow_ups", "attendees", "target"),
}
"""Fields that hold ids of the sheets, by table."""
DAYS = ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-12-31", "2026-02-28")
MOST = 40
Words = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Pools:
    """Ids by table, and words by field."""

    ids: Mapping[str, list[str]]
    words: Mapping[str, list[Any]]

    def of_path(self, path: str, name: str, random: Random) -> str | None:
        """A value of a path parameter that stands for something, or None when nothing is known to fit."""
        if name == "row_id" or name.endswith("_id"):
            before = path.split("{" + name + "}")[0].strip("/").split("/")
            table = OTHER_NAMES.get(before[-1], before[-1].replace("-", "_"))
            pool = ENDED if path.endswith("/events") else self.ids.get(table, [])
            return random.choice(pool) if pool else None
        pool = self.words.get("fhir_name" if path.startswith("/fhir") else name, [])
        return str(random.choice(pool)) if pool else None

    def of_field(self, name: str, random: Random) -> Any:
        """A value of a field of a body or query that stands for something, or None."""
        pool = self.ids.get(ID_FIELDS.get(name, "")) or self.words.get(name)
        return random.choice(pool) if pool else None


ENDED = ["e" * 32]
"""Jobs whose stream of events ends by itself."""


def read_pools(connection: sqlite3.Connection, ground: Ground) -> Pools:
    """What is in the store now."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    ids = {table: _ids(connection, table, ground.spared) for table in tables}
    words: Words = {
        "organisation_id": [ground.own_id] * 8 + [ground.county_id, ground.foreign_id],
        "organisation": ["T1", "T9", ground.own_id],
        "parent_id": [ground.county_id, ground.own_id],
        "week": [WEEK] * 6 + ["2026-W49", "2026-W53", "2027-W53"],
        "rule": ["HTN_ROUTINE", "DM_ROUTINE", "ELDER_CHECK", "SMD_STABLE"],
        "slug": ["not-found", "input-invalid", "stale-version"],
        "key": ["working_days", "morning_start", "closed", "w_travel", "no_such"],
        "name": [PERSON, "x"],
        "password": [PASSWORD],
        "iterations": [0, 1, 20],
        "seconds": [0.0, 0.01],
        "url": ["http://127.0.0.1:9/"],
        "base_url": ["http://127.0.0.1:9"],
        "vendor": ["xunzhen"],
        "level": ["all", "day", "time", "crew"],
        "position": [0, 1, 2, 1000],
        **{name: list(DAYS) for name in ("date", "day", "due", "due_from", "due_to", "earliest", "latest")},
        "crew": _crews(ground),
        "to_crew": _crews(ground),
        "second_crew": _crews(ground),
    }
    for table, names in EXTERNAL.items():
        found = _column(connection, table, "external_id")
        for name in names:
            words[name] = words.get(name, []) + found
    words["external_id"] = [word for table in EXTERNAL for word in _column(connection, table, "external_id")[:5]]
    words["fhir_name"] = [*ids["follow_ups"][:20], *ids["stops"][:20], *ids["members"][:10]]
    return Pools(ids, words)


def _ids(connection: sqlite3.Connection, table: str, spared: frozenset[str]) -> list[str]:
    columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    if "id" not in columns:
        return []
    rows = connection.execute(f"SELECT id FROM {table} ORDER BY rowid DESC LIMIT {MOST}").fetchall()
    return [str(row[0]) for row in rows if row[0] not in spared]


def _column(connection: sqlite3.Connection, table: str, column: str) -> list[str]:
    rows = connection.execute(f"SELECT {column} FROM {table} ORDER BY rowid LIMIT {MOST}").fetchall()
    return [str(row[0]) for row in rows]


def _crews(ground: Ground) -> list[str]:
    return [str(crew["id"]) for crew in json.loads(ground.plan)["crews"]]
