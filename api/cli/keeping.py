"""xunzhen backup, restore, audit verify, keys renew: keeping what the service has been told."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, say_json

if TYPE_CHECKING:
    from api.store.database import Database

BROKEN = 1
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")]


def open_database() -> "Database":
    """The database of the environment's settings. Raises ConfigFaults."""
    from api.config import load_settings  # here, because the store takes a second to load
    from api.store.database import Database

    settings = load_settings()
    return Database(settings.database_location, settings.key_ring)


def open_kept() -> "Database":
    """The database of the environment's settings with tables in it. Raises ConfigFaults and ValueError."""
    database = open_database()
    if not database.is_current():
        zh = "数据库尚未建立或版本较旧；先运行一次 xunzhen serve"
        en = "the database is not made yet or of an older version: run xunzhen serve once"
        raise ValueError(f"{zh} / {en}")
    return database


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 / where to write")], as_json: AsJson = False
) -> int:
    """备份数据库 / Back the database up while the service runs; keep the keys in another place."""
    from api.store.backup import backup as write_backup

    _say_counts(write_backup(open_kept(), file), file, as_json=as_json)
    return 0


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 / a backup")], as_json: AsJson = False
) -> int:
    """恢复备份 / Read a backup into an empty database."""
    from api.store.backup import restore as read_backup

    _say_counts(read_backup(file, open_database()), file, as_json=as_json)
    return 0


def _say_counts(counts: dict[str, int], file: Path, *, as_json: bool) -> None:
    if as_json:
        say_json({"file": str(file), "rows": counts})
    else:
        rows = sum(counts.values())
        out().print(f"{file}: {len(counts)} 张表 tables, {rows} 行 rows", markup=False)


def renew_keys(as_json: AsJson = False) -> int:
    """用新密钥重新加密 / Seal anew, with the first of XUNZHEN_FIELD_KEYS, what older keys sealed."""
    from api.store.rotation import reseal

    counts = reseal(open_kept())
    if as_json:
        say_json({"rows": counts})
    else:
        out().print(
            f"已换密钥 sealed anew: {sum(counts.values())} 行 rows；旧密钥可移除 the older keys can go", markup=False
        )
    return 0


def verify_audit(as_json: AsJson = False) -> int:
    """核对审计链 / Check the chains of the audit log; 1 when one is broken."""
    from api.store.audit import verify_all
    from api.store.scope import everything

    with open_kept().session(everything("console"), read_only=True) as session:
        broken = verify_all(session)
    if as_json:
        say_json({"broken": [{"chain": b.chain, "number": b.number, "reason": b.reason} for b in broken]})
    elif broken:
        for place in broken:
            out().print(
                f"断裂 broken: {place.chain} 第 {place.number} 条 entry {place.number}: {place.reason}", markup=False
            )
    else:
        out().print("审计链完整 the audit log is whole")
    return BROKEN if broken else 0
