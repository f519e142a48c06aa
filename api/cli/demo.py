"""xunzhen demo: writes an invented township or county to try the planner with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, say_json
from api.demo_week import DEMO_WEEK

if TYPE_CHECKING:
    from api.demo import Written

LEAST_PEOPLE, MOST_PEOPLE = 3000, 2_000_000


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写到此文件夹 / the folder to write")],
    seed: Annotated[int, typer.Option(min=0, help="同一种子得到相同的文件 / the same seed gives the same files")] = 1,
    people: Annotated[
        int | None, typer.Option(min=LEAST_PEOPLE, max=MOST_PEOPLE, help="人口 / people; 60000, county 600000")
    ] = None,
    county: Annotated[bool, typer.Option("--county", help="每个乡镇一个文件夹 / one folder per township")] = False,
    roads: Annotated[
        Path | None, typer.Option(metavar="FILE.osm.pbf", help="放在真实道路上 / put it on real roads")
    ] = None,
    week: Annotated[str, typer.Option(help="随访日期围绕的周 / the week that the dates are made for")] = DEMO_WEEK,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """写出一个虚构乡镇 / Write an invented township: tables and roads, nothing in it is real."""
    from api.demo import write_demo, write_demo_county, write_demo_on_roads  # here, because maps take seconds to load
    from geodata.demo_county import COUNTY_PEOPLE, TOWNSHIP_PEOPLE
    from optimizer.due import NotationError
    from optimizer.tables import monday_of

    try:
        monday = monday_of(week)
    except NotationError:
        raise ValueError(f"--week {week}: 周写作 2026-W48 / write the week as 2026-W48") from None
    if county and roads:
        raise ValueError("--county 与 --roads 不能同时使用 / --county and --roads do not go together")
    if county:
        written = write_demo_county(folder, seed, people or COUNTY_PEOPLE, monday)
    elif roads:
        written = [write_demo_on_roads(folder, roads, seed, people or TOWNSHIP_PEOPLE // 3, monday)]
    else:
        written = [write_demo(folder, seed, people or TOWNSHIP_PEOPLE, monday)]
    _say(written, folder, week, as_json=as_json)
    return 0


def _say(written: "list[Written]", folder: Path, week: str, *, as_json: bool) -> None:
    if as_json:
        say_json([{"folder": str(w.folder), "people": w.people, **w.rows} for w in written])
        return
    for one in written:
        counts = ", ".join(f"{sheet} {count}" for sheet, count in one.rows.items() if sheet != "settings")
        out().print(f"{one.folder}: {one.people:,} 人 people; {counts}", markup=False)
    first = written[0].folder if len(written) == 1 else folder / written[0].folder.name
    out().print(f"下一步 next: xunzhen plan {first} --week {week} --seconds 60 -o {folder}-plan", markup=False)
