"""The sessions sheet: one row may ask for several patrol half-days at a site in the week."""

from dataclasses import dataclass, field, replace

from optimizer.model import Session, SiteKind
from optimizer.tables.cells import Row, unique_ids
from optimizer.tables.needs import needs_of
from optimizer.tables.places import Places
from optimizer.tables.settings import Settings
from optimizer.tables.staff import Staff, half_days
from optimizer.weights import MINUTE


@dataclass(slots=True)
class Patrols:
    """The sessions read so far with the row of each."""

    sessions: list[Session] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def read_patrols(rows: list[Row], places: Places, staff: Staff, settings: Settings) -> Patrols:
    """The patrol half-days wanted this week; a row whose half-days all fall outside it is left out with a note."""
    patrols = Patrols()
    sites = places.ids(SiteKind.VILLAGE, SiteKind.COMMUNITY, SiteKind.STATION)
    for row in unique_ids(rows):
        session = _session(row, sites, staff, settings)
        if session is None:
            continue
        times = row.whole("times", 1, 14, 1)
        if not session.half_days:
            zh, en = "可选半天不在本周，未列入的巡诊", "sessions left out: none of their half-days is in this week"
            row.log.note("SESSION_NOT_THIS_WEEK", zh, en, row.place)
        elif times == 1:
            patrols.sessions.append(session)
            patrols.rows.append(row)
        else:
            patrols.sessions += (
                replace(session, id=f"{session.id}-{number}", series=session.id) for number in range(1, times + 1)
            )
            patrols.rows += [row] * times
    return patrols


def _session(row: Row, sites: set[str], staff: Staff, settings: Settings) -> Session | None:
    before = len(row.log.faults)
    wanted = half_days(row, "half_days", settings)
    usual = half_days(row, "usual", settings)
    least = row.whole("min_members", 1, 20, 2)
    most = row.whole("max_members", 1, 20, max(3, least))
    if least > most:
        row.fault("ORDER", "max_members", "最多人数小于最少人数", "the most members are fewer than the least")
    if row.text("equipment") and not any(row.text("equipment") in vehicle.tags for vehicle in staff.vehicles):
        row.fault("UNKNOWN_ID", "equipment", "没有车辆带此装备", "no vehicle carries this equipment")
    session = Session(
        id=row.text("id"),
        site=row.reference("site", sites),
        half_days=wanted,
        team=row.reference("team", staff.team_ids),
        duration_seconds=row.whole("minutes", 10, 600, 180) * MINUTE,
        needs=needs_of(row, "needs", ()),
        min_members=least,
        max_members=max(most, least),
        net_seconds_per_member=row.whole("net_minutes", 1, 600, 170) * MINUTE,
        max_contacts=row.whole("max_contacts", 1, 1000, 60),
        vehicle_tag=row.text("equipment"),
        is_law=row.yes("law", default=False),
        weight=row.whole("weight_minutes", 0, 1_000_000, 600) * MINUTE,
        usual_half_day=usual[0] if usual else None,
    )
    return session if session.site and len(row.log.faults) == before else None
