"""xunzhen demo-service: an invented township's contract system and the service beside each other, once around."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import err, out
from api.demo_week import DEMO_WEEK
from api.interrupt import leaving_when_told

if TYPE_CHECKING:
    import httpx2

    from api.circle import Agreement

CALL = ("-c", "from api.cli import main; main()")
START_SECONDS = 120.0
STOP_SECONDS = 30.0
LEAST_PEOPLE, MOST_PEOPLE = 3000, 200_000
ORGANISATION, CONTRACT_KEY = "demo", "demo-key"
NOT_AGREED = 1


def demo_service(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="演示清单所在的文件夹 / folder of xunzhen demo")],
    people: Annotated[
        int, typer.Option(min=LEAST_PEOPLE, max=MOST_PEOPLE, help="与清单相同 / as in the lists")
    ] = 60_000,
    seed: Annotated[int, typer.Option(min=0, help="与清单相同 / as in the lists")] = 1,
    week: Annotated[str, typer.Option(help="周 / week")] = DEMO_WEEK,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="计算时间（秒）/ time to search; 60")] = None,
    iterations: Annotated[int | None, typer.Option(min=0, help="计算次数，可重现 / iterations instead")] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="端口，0＝自选 / port; 0: any")] = 8080,
    once: Annotated[bool, typer.Option("--once", help="走完一圈即结束 / end after once around")] = False,
) -> int:
    """演示整个流程 / Pull, plan, check, publish and write back on an invented township, then serve."""
    from api.circle import CircleError  # here, because it takes a moment to load

    _require_lists(folder)
    data = folder / "service"
    shutil.rmtree(data, ignore_errors=True)  # the demo begins anew each time, like its contract system
    data.mkdir(parents=True)
    environment = {**os.environ, "XUNZHEN_MODE": "demo", "XUNZHEN_DATA_DIR": str(data), "PYTHONUTF8": "1"}
    invented = ("--people", str(people), "--seed", str(seed), "--week", week)
    budget = (
        {"iterations": float(iterations)}
        if iterations is not None
        else {"seconds": 60.0 if seconds is None else seconds}
    )
    with leaving_when_told(), ExitStack() as stack:
        key, password = _people(data, _teams(folder))
        simulator = stack.enter_context(_running("contract-simulator", data, environment, *invented))
        service = stack.enter_context(_running("serve", data, environment, port=port))
        try:
            agreement = _around(folder, week, budget, seed, (service, simulator), key)
        except CircleError as error:
            err().print(f"未能走完 / not once around: {error}", markup=False)
            return NOT_AGREED
        if not agreement.holds:
            err().print("两边不一致 / the two sides do not agree", markup=False)
            return NOT_AGREED
        out().print(f"账户 account: leader  密码 password: {password}", markup=False)
        out().print(f"服务 service: {service}  接口 API: {service}/v1/openapi.json", markup=False)
        while not once:
            time.sleep(1.0)  # until Ctrl-C
    return 0


def _require_lists(folder: Path) -> None:
    """Raises TableFaults when none of the lists that the service is sent is in the folder; changes nothing there."""
    from api.circle import LISTS
    from optimizer.tables import TableFault, TableFaults

    names = [f"{sheet}.csv" for sheet in LISTS]
    if any((folder / name).is_file() for name in names):
        return
    few = ", ".join(names[:3])
    advice_zh = f"这里没有清单；应有 xunzhen demo 写出的一个乡镇的 CSV（{few} 等）；先运行 xunzhen demo {folder}"
    advice_en = (
        f"no lists here; expected those of one township that xunzhen demo writes ({few} and more as CSV); "
        f"run xunzhen demo {folder} first, with the same people, seed and week"
    )
    raise TableFaults((TableFault("NO_LISTS", str(folder.absolute()), 0, "", "", advice_zh, advice_en),))


def _teams(folder: Path) -> tuple[str, ...]:
    """The ids of the teams in the lists."""
    from optimizer.tables import read_folder
    from optimizer.tables.cells import rows_of
    from optimizer.tables.faults import Log

    return tuple(row.text("id") for row in rows_of(read_folder(folder).grids.get("teams"), "teams", Log()))


def _people(data: Path, teams: tuple[str, ...]) -> tuple[str, str]:
    """An organisation with an API key, and the password of somebody who leads these teams."""
    from api.access.accounts import bootstrap
    from api.access.api_keys import NewKey, add_key
    from api.access.settings import AccessSettings
    from api.config import Settings
    from api.store.base import now
    from api.store.database import Database
    from api.store.models.organisations import Organisation
    from api.store.scope import everything

    settings = Settings(mode="demo", data_dir=data)
    database = Database(settings.database_location, settings.key_ring)
    database.migrate()
    with database.session(everything("console")) as session:
        organisation = Organisation(external_id=ORGANISATION, name="演示乡镇卫生院")
        session.add(organisation)
        session.flush()
        new = NewKey(name="demo", organisation_id=organisation.id, role="county_admin", days=7)
        _, text = add_key(session, new, AccessSettings(), now())
    password = bootstrap(
        database,
        name="leader",
        role="team_leader",
        organisation_external_id=ORGANISATION,
        team_external_ids=teams,
    )
    database.close()
    return text.text, password


@contextmanager
def _running(command: str, data: Path, environment: dict[str, str], *words: str, port: int = 0) -> Iterator[str]:
    """A command of ours as a process of its own; gives its address once it listens."""
    port_file, log = data / f"{command}.port", data / f"{command}.log"
    call = [sys.executable, *CALL, command, *words, "--port", str(port), "--port-file", str(port_file)]
    with log.open("wb") as complaints:
        process = subprocess.Popen(call, env=environment, stdout=complaints, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{_port(process, port_file, log)}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _port(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> str:
    """The port that a process has written. Raises ValueError when it ends before."""
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS and process.poll() is None:
        if port_file.exists() and (text := port_file.read_text(encoding="ascii")):
            return text
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise ValueError(f"未能启动 / could not start: {' '.join(last)} ({log})")


def _around(
    folder: Path, week: str, budget: dict[str, float], seed: int, addresses: tuple[str, str], key: str
) -> "Agreement":
    import httpx2  # here, because it takes a moment to load

    from api.circle import Circle

    headers = {"Authorization": f"Bearer {key}"}
    service, simulator = addresses
    with httpx2.Client(base_url=service, headers=headers) as ours, httpx2.Client(base_url=simulator) as theirs:
        _wait_until_ready(ours)

        def say(line: str) -> None:
            out().print(line, markup=False)

        return Circle(ours, theirs, CONTRACT_KEY, folder, week, budget, seed, say).run()


def _wait_until_ready(client: "httpx2.Client") -> None:
    """Raises ValueError when the service does not get ready."""
    import httpx2

    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise ValueError("服务未就绪 / the service did not get ready")
