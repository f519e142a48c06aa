"""A small invented county for tests: one county, two township hospitals, and keys for callers."""

from dataclasses import dataclass
from typing import Any

from api.access.api_keys import NewKey, add_key
from api.access.settings import AccessSettings
from api.store.base import now
from api.store.database import Database
from api.store.models.follow_ups import FollowUp
from api.store.models.organisations import Organisation
from api.store.models.residents import Resident
from api.store.models.resources import Member, Patrol, Site, Team, Vehicle
from api.store.scope import everything


@dataclass(frozen=True, slots=True)
class Township:
    """The database and the ids of its organisations."""

    database: Database
    county_id: str
    own_id: str
    foreign_id: str

    def key(self, role: str, organisation_id: str | None = None, teams: tuple[str, ...] = ()) -> str:
        """The text of a new key for a role, in the own township unless said otherwise (a county's for its admin)."""
        where = organisation_id or (self.county_id if role in {"county_admin", "auditor"} else self.own_id)
        new = NewKey(name="test", organisation_id=where, role=role, team_external_ids=teams)
        with self.database.session(everything("tests")) as session:
            return add_key(session, new, AccessSettings(), now())[1].text

    def add(self, row: Any) -> str:
        """The id of a stored row."""
        with self.database.session(everything("tests")) as session:
            session.add(row)
            session.flush()
            return str(row.id)


def make_township(database: Database) -> Township:
    """Two townships below a county; the own one has a base, a village, a team, members, a car and a patrol."""
    with database.session(everything("tests")) as session:
        county = Organisation(external_id="COUNTY", name="测试县", kind="county")
        session.add(county)
        session.flush()
        own, foreign = (Organisation(external_id=name, parent_id=county.id) for name in ("OWN", "FOREIGN"))
        session.add_all([own, foreign])
        session.flush()
        ids = county.id, own.id, foreign.id
        session.add_all(_rows(own.id))
    return Township(database, *ids)


def _rows(organisation_id: str) -> list[Any]:
    rows: list[Any] = [
        Site(external_id="B01", kind="base", latitude=36.70, longitude=118.90, name="卫生院"),
        Site(external_id="V001", kind="village", latitude=36.72, longitude=118.92, name="柳家庄村"),
        Team(external_id="T01", level=1, base="B01"),
        Team(external_id="T02", level=1, base="B01"),
        Member(external_id="M001", role="GP", team="T01", field="周一至周五", name="甲", phone="13800000000"),
        Member(external_id="M002", role="NURSE", team="T01", field="周一至周五"),
        Vehicle(external_id="C01", mode="car", seats=5, base="B01"),
        Patrol(external_id="S01", site="V001", half_days="周一至周五上午", team="T01"),
    ]
    for row in rows:
        row.organisation_id = organisation_id
    return rows


def resident_of(organisation_id: str, external_id: str = "R001", team: str = "T01", **fields: Any) -> Resident:
    """An invented resident."""
    known = {"name": "王测试", "phone": "13900000001", "address": "柳家庄村1号", "id_card": "370000190001010000"}
    return Resident(organisation_id=organisation_id, external_id=external_id, team=team, **(known | fields))


def follow_up_of(organisation_id: str, resident_id: str, external_id: str = "F001", **fields: Any) -> FollowUp:
    """A pending follow-up of a resident."""
    values: dict[str, Any] = {"site": "V001", "rule": "HTN_ROUTINE", "due": now().date(), "team": "T01"}
    return FollowUp(
        organisation_id=organisation_id, resident_id=resident_id, external_id=external_id, **(values | fields)
    )
