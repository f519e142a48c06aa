"""The picture of a week: one panel a day with every crew's way along the roads, and one with the places' names."""

import io
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from api.planning import Prepared
from api.week_sheets import in_order
from geodata import Mode
from geodata.plot import RouteLine, chinese_font_family, finish, plot_places, plot_roads, plot_routes, route_line
from optimizer.calendar import day_of, half_of
from optimizer.model import SiteKind
from optimizer.plan import Crew, Plan
from optimizer.tables.half_days import weekday_name

COLUMNS = 3
PANEL_INCHES = 6.2
DOTS_PER_INCH = 110
HALVES = ("上午 AM", "下午 PM")
ATTRIBUTION = "道路若取自 OpenStreetMap / roads, where from OpenStreetMap: © OpenStreetMap contributors, ODbL"


def week_map(prepared: Prepared, plan: Plan) -> bytes:
    """The plan as a picture in PNG."""
    days = prepared.problem.days
    rows = -(-(len(days) + 1) // COLUMNS)
    with mpl.rc_context({"font.family": [chinese_font_family(), "DejaVu Sans"]}):
        figure, panels = plt.subplots(
            rows, COLUMNS, figsize=(COLUMNS * PANEL_INCHES, rows * PANEL_INCHES), layout="constrained", squeeze=False
        )
        axes: list[Axes] = list(panels.ravel())
        ordered = list(enumerate(in_order(plan.crews), start=1))  # numbered as the sheets of the workbook
        for number, day in enumerate(days):
            crews = [(place, crew) for place, crew in ordered if day_of(crew.half_days[0]) == number]
            title = f"{weekday_name(day.date)} {day.date:%m-%d}  {len(crews)} 队 crews"
            _draw_day(prepared, crews, axes[number], title)
        _draw_places(prepared, axes[len(days)])
        for ax in axes[len(days) + 1 :]:
            ax.set_axis_off()
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
        plt.close(figure)
    return content.getvalue()


def _draw_day(prepared: Prepared, crews: Sequence[tuple[int, Crew]], ax: Axes, title: str) -> None:
    if prepared.roads is not None:
        plot_roads(prepared.roads, ax)
    _draw_villages(prepared, ax, labels=0)
    lines = [_line(prepared, crew, number) for number, crew in crews]
    if lines:
        plot_routes(lines, ax, numbers=False)
    finish(ax, title=title)


def _draw_places(prepared: Prepared, ax: Axes) -> None:
    if prepared.roads is not None:
        plot_roads(prepared.roads, ax)
    _draw_villages(prepared, ax, labels=40)
    finish(ax, title="地点 Places", attribution=ATTRIBUTION if prepared.roads is not None else "")


def _draw_villages(prepared: Prepared, ax: Axes, labels: int) -> None:
    names = prepared.draft.labels.sites
    kinds = (
        (SiteKind.VILLAGE, "#5d7183", "村 villages"),
        (SiteKind.COMMUNITY, "#6d597a", "功能社区 communities"),
        (SiteKind.BASE, "#c1121f", "基地 base"),
    )
    for kind, colour, legend in kinds:
        frame = pd.DataFrame(
            [
                {"name": names.get(s.id, s.id), "latitude": s.latitude, "longitude": s.longitude}
                for s in prepared.draft.sites
                if s.kind is kind and s.latitude is not None
            ],
            columns=["name", "latitude", "longitude"],
        )
        if len(frame):
            text = legend if labels or kind is SiteKind.BASE else ""
            plot_places(frame, ax, colour=colour, labels=labels if kind is SiteKind.VILLAGE else 0, legend=text)


def _line(prepared: Prepared, crew: Crew, number: int) -> RouteLine:
    """A crew's way along the roads, from the base and back."""
    problem = prepared.problem
    vehicle = problem.vehicles[problem.vehicle_number[crew.vehicle]]
    halves = "全天" if len(crew.half_days) > 1 else HALVES[half_of(crew.half_days[0])][:2]
    team = prepared.draft.labels.teams.get(crew.team, crew.team).removesuffix("网格团队")
    stops = [_position(prepared, stop.site) for stop in crew.stops]
    label = f"{number:02d} {halves} {team}"
    return route_line(label, _position(prepared, vehicle.base), stops, prepared.engine, Mode(vehicle.mode))


def _position(prepared: Prepared, site: str) -> tuple[float, float]:
    found = prepared.problem.sites[prepared.problem.site_number[site]]
    return found.latitude or 0.0, found.longitude or 0.0
