"""xunzhen worker: takes jobs from the database and works on them, on any number of machines."""

import signal
import threading
from typing import Annotated

import typer

from api.cli.console import err

DEFAULT_MEMORY_GIB = 4.0
RAY_CONCURRENCY = 32
"""Solves run elsewhere then; here they only wait."""


def worker(
    concurrency: Annotated[
        int, typer.Option(min=0, max=1000, help="同时进行的任务数；0 为自动 / jobs side by side; 0: 1, or 32 with Ray")
    ] = 0,
    memory_gib: Annotated[
        float, typer.Option(min=0.0, help="每个任务的内存上限，0 不限 / memory limit of a solve in GiB, 0: none")
    ] = DEFAULT_MEMORY_GIB,
    lease_seconds: Annotated[
        float, typer.Option(min=5.0, help="失联多久后由别人接手 / silence after which others take over")
    ] = 20.0,
    until_empty: Annotated[bool, typer.Option("--until-empty", help="做完即退出 / end when nothing waits")] = False,
) -> int:
    """执行计划任务 / Work on jobs until interrupted; what is in hand goes back to the queue."""
    from api.config import load_settings  # here, because the store takes a second to load
    from api.jobs.engines import engine_of
    from api.jobs.refusals import JobRefused
    from api.jobs.routines import all_routines
    from api.jobs.store_weeks import StoreWeeks
    from api.jobs.work import Limits, Shop
    from api.jobs.worker import Pace, Worker
    from api.service.logs import start_logs
    from api.store.database import Database

    settings = load_settings()
    start_logs()
    try:
        engine = engine_of(settings.ray_address)
    except JobRefused as error:
        raise ValueError(f"{error.reason.message_zh} / {error.reason.message_en}") from error
    database = Database(settings.database_location, settings.key_ring)
    database.migrate()
    limits = Limits(memory_bytes=int(memory_gib * 2**30) or None)
    shop = Shop(database, engine, StoreWeeks(settings.data_dir), limits)
    places = concurrency or (RAY_CONCURRENCY if settings.ray_address else 1)
    stop = _stopped_by_signals()
    err().print(f"任务进程已启动 / worker started: {places} × {settings.ray_address or 'local'}", markup=False)
    worker = Worker(shop, concurrency=places, routines=all_routines(), pace=Pace(lease_seconds=lease_seconds))
    worker.run(stop, until_empty=until_empty)
    database.close()
    return 0


def _stopped_by_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
