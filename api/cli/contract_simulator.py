"""xunzhen contract-simulator: a contract system of an invented township to try the exchange with."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out
from api.demo_week import DEMO_WEEK

LEAST_PEOPLE, MOST_PEOPLE = 3000, 200_000


def contract_simulator(
    people: Annotated[int, typer.Option(min=LEAST_PEOPLE, max=MOST_PEOPLE, help="人口 / people")] = 60_000,
    seed: Annotated[int, typer.Option(min=0, help="同一种子得到相同的居民 / the same seed gives the same people")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="端口，0＝自选 / port; 0: any")] = 8701,
    week: Annotated[str, typer.Option(help="随访日期围绕的周 / the week that the dates are made for")] = DEMO_WEEK,
    key: Annotated[str, typer.Option(help="接口密钥 / the key that callers need")] = "demo-key",
    port_file: Annotated[Path | None, typer.Option(help="写入实际端口的文件 / file that gets the port")] = None,
) -> int:
    """模拟签约系统 / A contract system of an invented township, with faults on demand; for tests and the demo."""
    import socket  # here and below, because a server takes a second to load

    from api.contract.simulator.app import create_simulator
    from api.contract.simulator.serving import LOOPBACK, make_server
    from api.contract.simulator.system import ContractSystem
    from api.contract.simulator.township import invent_township
    from optimizer.due import NotationError
    from optimizer.tables import monday_of

    try:
        monday = monday_of(week)
    except NotationError:
        raise ValueError(f"--week {week}: 周写作 2026-W48 / write the week as 2026-W48") from None
    listening = socket.create_server((LOOPBACK, port))  # before the township is made, so that a used port is told soon
    township = invent_township(people, seed, monday)
    system = ContractSystem()
    system.fill(township.records)
    app = create_simulator(system, dict(township.sheets), key)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    if port_file:
        port_file.write_text(str(listening.getsockname()[1]), encoding="ascii")
    out().print(f"签约系统模拟器 contract system: {address}, {len(township.records)} records", markup=False)
    make_server(app, 0).run(sockets=[listening])
    return 0
