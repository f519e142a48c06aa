"""Residents and households of a page of records; the only place where personal words are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.reading import wish_columns
from api.contract.records import ContractRecord
from api.contract.vendors import DOCTORS, Vendor
from api.store.base import new_id
from api.store.models.residents import Household, Resident


@dataclass(slots=True)
class People:
    """Residents and households by external id."""

    session: Session
    organisation_id: str
    vendor: Vendor
    residents: dict[str, Resident]
    households: dict[str, Household]

    @property
    def wish_columns(self) -> frozenset[str]:
        """The columns of a follow-up that wishes fill."""
        return wish_columns()

    def write(self, record: ContractRecord, site: str) -> Resident:
        """The resident of a record with what it says of them; fields that the vendor does not have are left alone."""
        person, home, fields = record.person, record.home, self.vendor.fields
        resident = self.residents.get(person.resident_id)
        if resident is None:
            resident = Resident(id=new_id(), organisation_id=self.organisation_id, external_id=person.resident_id)
            self.session.add(resident)
            self.residents[person.resident_id] = resident
        if "name" in fields:
            resident.name = person.name
        if {"mobile", "contact_phone"} & set(fields):
            resident.phone = person.mobile or person.contact_phone
        if "address" in fields:
            resident.address = home.address
        if "id_card" in fields:
            resident.id_card = person.id_card
        if "household_id" in fields:
            resident.household = home.household_id
        for name in DOCTORS:
            if name in fields:
                setattr(resident, name, getattr(record.contract, name))
        resident.team, resident.is_deleted = record.contract.team, False
        if home.household_id is not None:
            self._write_household(home.household_id, site, home.latitude, home.longitude)
        return resident

    def _write_household(self, name: str, site: str, latitude: float | None, longitude: float | None) -> None:
        household = self.households.get(name)
        if household is None:
            household = Household(id=new_id(), organisation_id=self.organisation_id, external_id=name)
            self.session.add(household)
            self.households[name] = household
        household.site = site
        if latitude is not None:  # a system without coordinates must not take away those that somebody has entered
            household.latitude, household.longitude = latitude, longitude


def load_people(session: Session, organisation_id: str, vendor: Vendor, records: Iterable[ContractRecord]) -> People:
    """The residents and households that the records name, as far as we know them."""
    rows = list(records)
    residents = select(Resident).where(
        Resident.organisation_id == organisation_id,
        Resident.external_id.in_({record.person.resident_id for record in rows}),
    )
    households = select(Household).where(
        Household.organisation_id == organisation_id,
        Household.external_id.in_({record.home.household_id for record in rows if record.home.household_id}),
    )
    return People(
        session,
        organisation_id,
        vendor,
        {resident.external_id: resident for resident in session.scalars(residents)},
        {household.external_id: household for household in session.scalars(households)},
    )
