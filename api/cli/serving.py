"""xunzhen serve: the service on this machine, with workers of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out
from api.interrupt import leaving_when_told

if TYPE_CHECKING:
    import uvicorn

    from api.config import Settings

WORKER = ("-c", "from api.cli import main; main()", "worker")
STOP_SECONDS = 20.0


def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on; else XUNZHEN_HOST")] = "",
    port: Annotated[int, typer.Option(min=-1, max=65_535, help="端口 / port; else XUNZHEN_PORT")] = -1,
    workers: Annotated[int, typer.Option(min=0, help="计算进程数 / worker processes started with it")] = 1,
    port_file: Annotated[Path | None, typer.Option(help="写入实际端口的文件 / file that gets the port")] = None,
) -> int:
    """启动服务 / Serve the API and plan jobs until interrupted; set up by XUNZHEN_ variables."""
    import socket

    from api.config import load_settings

    changes: dict[str, object] = {**({"host": host} if host else {}), **({"port": port} if port >= 0 else {})}
    settings = load_settings().with_changes(**changes)
    address = settings.host, settings.port
    with leaving_when_told(), socket.create_server(address) as listening, _workers(workers):
        # Connections inherit it. Without it the second part of an answer waits 40 ms for the first to be acknowledged;
        # asyncio sets it only on sockets whose protocol is named, and these are not.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        settings = settings.with_changes(port=listening.getsockname()[1])
        server = _server(settings)
        if port_file:
            port_file.write_text(str(settings.port), encoding="ascii")
        out().print(f"巡诊服务 Xunzhen: http://{settings.host}:{settings.port}", markup=False)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    return 0


def _server(settings: "Settings") -> "uvicorn.Server":
    import uvicorn  # here, because the application takes a second to load

    from api.service.app import create_app
    from api.service.logs import start_logs

    start_logs()
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


@contextmanager
def _workers(count: int) -> Iterator[None]:
    """Worker processes that end with the service; each gives back what it was working on."""
    processes = [subprocess.Popen([sys.executable, *WORKER]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
