"""Backup and restore, tested by restoring.

SQLite is copied whole by its own online backup. PostgreSQL is written as a zip of JSON lines, one file per table,
read in one snapshot; nothing but this program is needed to read it back. Personal words stay sealed in both, so a
backup is worth nothing without the keys, which belong in another place.
"""

import base64
import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    PoolProxiedConnection,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from api.store.base import Base, now
from api.store.database import Database
from api.store.migrations import upgrading
from api.store.scope import ALL, ORGANISATIONS_SETTING

FORMAT = "xunzhen-backup/1"
MANIFEST = "manifest.json"
ROWS_AT_ONCE = 500
SQLITE_SIGN = b"SQLite format 3\x00"


class BackupError(Exception):
    """A backup cannot be written or read back."""


def backup(database: Database, file: Path) -> dict[str, int]:
    """Write a backup while the service runs; gives the rows per table. Appears only when it is complete.

    Raises BackupError when the schema is not current, or OSError.
    """
    if not database.is_current():
        raise BackupError("数据库结构不是最新版本，请先升级 / the schema is not the newest version: migrate first")
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".part")
    unfinished.unlink(missing_ok=True)
    counts = _copy_sqlite(database, unfinished) if database.is_sqlite else _write_archive(database, unfinished)
    _sync(unfinished)
    unfinished.replace(file)
    return counts


def restore(file: Path, database: Database) -> dict[str, int]:
    """Read a backup into an empty database, of either kind for an archive; gives the rows per table.

    Raises BackupError when the file is no backup of this version or the database has rows already.
    """
    database.migrate()
    if any(_counts(database).values()):
        raise BackupError("数据库已有数据，请恢复到新的空库 / the database has rows already: restore into a new one")
    with file.open("rb") as opened:
        is_copy = opened.read(len(SQLITE_SIGN)) == SQLITE_SIGN
    if is_copy:
        _restore_copy(file, database)
    else:
        _restore_archive(file, database)
    return _counts(database)


def _tables() -> list[Table]:
    """Every table, those that others refer to first."""
    return list(Base.metadata.sorted_tables)


def _see_everything(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        told = {"name": ORGANISATIONS_SETTING, "value": ALL.value}
        connection.execute(text("SELECT set_config(:name, :value, true)"), told)


def _counts(database: Database) -> dict[str, int]:
    with database.engine.begin() as connection:
        _see_everything(connection)
        return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in _tables()}


def _copy_sqlite(database: Database, file: Path) -> dict[str, int]:
    source = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(file)) as target:
            _driver(source).backup(target)
            _judge_copy(target)
    finally:
        source.close()
    copy = Database(f"sqlite:///{file}", database.keys)
    try:
        return _counts(copy)
    finally:
        copy.close()


def _restore_copy(file: Path, database: Database) -> None:
    if not database.is_sqlite:
        raise BackupError("SQLite 文件的备份只能恢复到 SQLite / a copy of a SQLite file goes back into SQLite only")
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as source:
        _judge_copy(source)
        target = database.engine.raw_connection()
        try:
            source.backup(_driver(target))
        finally:
            target.close()
    database.close()  # connections that know the empty file
    database.migrate()


def _judge_copy(source: sqlite3.Connection) -> None:
    try:
        state = source.execute("PRAGMA integrity_check").fetchone()[0]
        source.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError("不是备份文件，或文件已损坏 / the file is no backup, or it is damaged") from error
    if state != "ok":
        raise BackupError("文件已损坏 / the file is damaged")


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    driver = connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _write_archive(database: Database, file: Path) -> dict[str, int]:
    counts = {}
    with (
        database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        _see_everything(connection)
        for table in _tables():
            counts[table.name] = _write_table(connection, table, archive)
        manifest = {"format": FORMAT, "schema": upgrading.newest(), "made_at": now().isoformat(), "rows": counts}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return counts


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    count = 0
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key))
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
        for row in rows:
            lines.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def _plain(value: Any) -> Any:
    """A value of a column as JSON; what JSON has no word for is told by a key."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    return {"$json": value} if isinstance(value, dict | list) else value


def _value(plain: Any) -> Any:
    """The way back."""
    if not isinstance(plain, dict):
        return plain
    ((kind, inside),) = plain.items()
    read: dict[str, Callable[[str], Any]] = {
        "$bytes": base64.b64decode,
        "$moment": datetime.fromisoformat,
        "$date": date.fromisoformat,
    }
    return read[kind](inside) if kind in read else inside


def _restore_archive(file: Path, database: Database) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            with database.engine.begin() as connection:
                _see_everything(connection)
                for table in _tables():
                    found = _read_table(connection, table, archive)
                    wanted = manifest["rows"].get(table.name)
                    if found != wanted:
                        raise BackupError(f"备份不完整 / {table.name}: {found} rows, {wanted} expected")
                _continue_counting(connection)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BackupError("不是备份文件，或文件已损坏 / the file is no backup, or it is damaged") from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT or manifest["schema"] != upgrading.newest():
        zh = "备份来自另一版本，请用当时的程序恢复后再升级"
        en = "the backup is of another version: restore with the program that made it, then upgrade"
        raise BackupError(f"{zh} / {en}")
    return manifest


def _read_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    """Put the rows of a table in; references within the table follow when all of its rows are there."""
    names = [column.name for column in table.columns]
    inner = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    later, count = [], 0
    with archive.open(f"{table.name}.jsonl") as lines:
        reader = io.TextIOWrapper(lines, encoding="utf-8")
        while some := list(islice(reader, ROWS_AT_ONCE)):
            rows = [dict(zip(names, map(_value, json.loads(line)), strict=True)) for line in some]
            later += [{"row": row["id"], **{name: row[name] for name in inner}} for row in rows if inner]
            connection.execute(insert(_plain_table(table)), [{**row, **dict.fromkeys(inner)} for row in rows])
            count += len(rows)
    if later:
        plain = _plain_table(table)
        values: dict[str, Any] = {name: bindparam(name) for name in inner}
        connection.execute(update(plain).where(plain.c.id == bindparam("row")).values(values), later)
    return count


def _plain_table(table: Table) -> Table:
    """The table with bare columns: no defaults, and nothing is nothing, also where JSON has a word for it."""
    columns = (
        Column(column.name, JSON(none_as_null=True) if isinstance(column.type, JSON) else column.type)
        for column in table.columns
    )
    return Table(table.name, MetaData(), *columns)


def _continue_counting(connection: Connection) -> None:
    """Counters of PostgreSQL go on behind the rows that were put in."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        for column in inspect(connection).get_columns(table.name):
            if "nextval" in str(column.get("default")):
                name = column["name"]
                query = (
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'), "
                    f"coalesce(max({name}), 0) + 1, false) FROM {table.name}"
                )
                connection.execute(text(query))


def _sync(file: Path) -> None:
    """Bring a file to the disk."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
