"""What of an organisation's own rows a record refers to: sites by three kinds of code, and teams."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.records import ContractRecord
from api.store.models.resources import Site, Team
from optimizer.errors import Fault
from optimizer.model import SiteKind


@dataclass(frozen=True, slots=True)
class Known:
    """External ids of sites by themselves and by the two codes of villages, which are never mixed; and of teams."""

    sites: frozenset[str]
    by_statistics_code: Mapping[str, str]
    by_record_code: Mapping[str, str]
    teams: frozenset[str]

    def site_of(self, record: ContractRecord) -> str | None:
        """The site of a record's resident, or None."""
        home, number = record.home, record.person.record_number
        if home.site is not None:
            return home.site if home.site in self.sites else None
        if home.village_code is not None:
            return self.by_statistics_code.get(str(home.village_code))
        return self.by_record_code.get(number.record_code) if number is not None else None

    def faults_of(self, record: ContractRecord) -> list[Fault]:
        """Why a pending record cannot be planned here."""
        faults = []
        if self.site_of(record) is None:
            zh, en = "先在地点表中登记该村及其代码", "enter the village and its codes among the sites first"
            faults.append(Fault("UNKNOWN_PLACE", "/site", "(not shown)", "a village that we know", zh, en))
        team = record.contract.team
        if team is not None and team not in self.teams:
            zh, en = "先登记该团队", "enter the team first"
            faults.append(Fault("UNKNOWN_TEAM", "/team", "(not shown)", "a team that we know", zh, en))
        contract, due = record.contract, record.due
        if not contract.covers(due.plan_date):
            found = f"due {due.plan_date}, contract until {contract.last_day or 'cancelled'}"
            zh, en = "签约已到期或解约，续签后再安排", "the contract has ended; plan it after a renewal"
            faults.append(Fault("CONTRACT_ENDED", "/plan_date", found, "a due date inside the contract", zh, en))
        return faults


def known_of(session: Session, organisation_id: str) -> Known:
    """What an organisation has."""
    query = select(Site.external_id, Site.kind, Site.statistics_code, Site.record_code)
    sites = session.execute(query.where(Site.organisation_id == organisation_id, Site.is_deleted.is_(False))).all()
    villages = [row for row in sites if row.kind == SiteKind.VILLAGE]
    teams = select(Team.external_id).where(Team.organisation_id == organisation_id, Team.is_deleted.is_(False))
    return Known(
        sites=frozenset(row.external_id for row in sites),
        by_statistics_code={row.statistics_code: row.external_id for row in villages if row.statistics_code},
        by_record_code={row.record_code: row.external_id for row in villages if row.record_code},
        teams=frozenset(session.scalars(teams)),
    )
