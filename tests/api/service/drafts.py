"""The hand-made week as a draft behind the service, its leader, and edits of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.access.permissions import Role
from api.store.database import Database
from api.store.models.plans import WeekPlan
from api.store.scope import everything
from api.weeks import plan_of, problem_of
from optimizer.check import Verdict, check
from tests.api.exports.service import SETTINGS, Stored, client_of, publish_week
from tests.api.service.conftest import Caller


@pytest.fixture
def draft(sqlite_database: Database) -> Stored:
    """The hand-made week as a draft."""
    return publish_week(sqlite_database, is_published=False)


@pytest.fixture
def leader(draft: Stored, tmp_path: Path) -> Iterator[Caller]:
    """The leader of both teams."""
    with client_of(draft.database, SETTINGS.with_changes(data_dir=tmp_path)) as found:
        yield Caller(found, draft.key(Role.TEAM_LEADER, "t1", "t2"))


def edited(leader: Caller, draft: Stored, body: dict[str, Any], tag: str | None) -> Any:
    """The answer to edits of a version."""
    headers = {} if tag is None else {"If-Match": tag}
    return leader.post(f"/v1/plans/{draft.plan_id}/edits", json=body, headers=headers)


def follow_ups_in(leader: Caller, draft: Stored) -> set[str]:
    """The follow-ups that are planned now."""
    return {stop["follow_up"] for stop in leader.get(f"/v1/plans/{draft.plan_id}/stops").json()["items"]}


def judged(draft: Stored, plan_id: str = "") -> Verdict:
    """What the judge says of a stored plan."""
    with draft.database.session(everything("tests"), read_only=True) as session:
        row = session.get_one(WeekPlan, plan_id or draft.plan_id)
        return check(problem_of(session, row), plan_of(session, row))
