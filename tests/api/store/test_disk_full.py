"""A disk that is full: the write fails with an error, and every row that was acknowledged is there."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import select, text

from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.models.organisations import Organisation
from api.store.scope import everything

WRITER = """
import resource, signal, sys
from sqlalchemy.exc import OperationalError
from api.store.crypto import demo_keys
from api.store.database import Database
from api.store.models.organisations import Organisation
from api.store.scope import everything

database = Database(sys.argv[1], demo_keys())
database.migrate()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(100_000):
    try:
        with database.session(everything()) as session:
            session.add(Organisation(external_id=str(number), name="x" * 2000))
    except OperationalError as error:
        print("full", error.orig, flush=True)
        break
    print("kept", number, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with database.session(everything()) as session:
    session.add(Organisation(external_id="there is room again"))
print("kept", "there is room again", flush=True)
"""
LIMIT_BYTES = 5_000_000


def test_every_acknowledged_row_outlives_a_full_disk(tmp_path: Path, repository: Path) -> None:
    url = f"sqlite:///{tmp_path}/full.sqlite"
    command = [sys.executable, "-c", WRITER, url, str(LIMIT_BYTES)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120, check=True)
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    kept = {words[1] for words in lines if words[0] == "kept"}
    assert [words for words in lines if words[0] == "full"], "the disk never was full"
    assert len(kept) > 100
    database = Database(url, demo_keys())
    with database.session(everything()) as session:
        assert set(session.scalars(select(Organisation.external_id))) == kept
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()
