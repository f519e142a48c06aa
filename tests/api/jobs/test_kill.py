"""The short form of the kill harness: server, workers and writers are killed, and nothing acknowledged is lost."""

from pathlib import Path

import pytest

from tests.bench import kill

KILLS = 20


@pytest.mark.slow
def test_nothing_that_was_acknowledged_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    found = kill.run(KILLS, "sqlite", 1, tmp_path)
    assert found.faults == []
    assert sum(found.kills.values()) == KILLS
    assert found.acknowledged >= kill.FEWEST_ACKNOWLEDGED_PER_KILL * KILLS
    assert found.acknowledged_edits > 0
    assert found.acknowledged_jobs > 0
