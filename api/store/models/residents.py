"""Residents and their households; name, phone, address and identity number are encrypted.

A resident is found by phone or identity number through a blind index (`KeyRing.blind_index`).
"""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, Identified, OfTeam, Scoped, Versioned
from api.store.crypto import Encrypted, SealedValue, sealed_column


class Household(Identified, Scoped, Versioned, Base):
    """A door: where it is, if that is known."""

    __tablename__ = "households"
    __table_args__ = (UniqueConstraint("organisation_id", "external_id"),)

    external_id: Mapped[str]
    site: Mapped[str | None] = mapped_column(default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)


class Resident(Identified, Scoped, Versioned, OfTeam, Base):
    """A person; whoever reads name, phone, address or id_card is noted in the audit log."""

    __tablename__ = "residents"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index("ix_residents_phone", "organisation_id", "phone_index"),
        Index("ix_residents_id_card", "organisation_id", "id_card_index"),
        Index("ix_residents_changed", "organisation_id", "updated_at", "id"),
    )

    external_id: Mapped[str]
    household: Mapped[str | None] = mapped_column(default=None)
    """External id of the household."""
    doctor: Mapped[str | None] = mapped_column(default=None)
    """Who answers for the contract, by the contract system's id; so are the two doctors who signed it."""
    village_doctor: Mapped[str | None] = mapped_column(default=None)
    township_doctor: Mapped[str | None] = mapped_column(default=None)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    name = Encrypted("name_sealed")
    phone = Encrypted("phone_sealed", index="phone_index")
    address = Encrypted("address_sealed")
    id_card = Encrypted("id_card_sealed", index="id_card_index")
    name_sealed: Mapped[SealedValue] = sealed_column("name")
    phone_sealed: Mapped[SealedValue] = sealed_column("phone")
    address_sealed: Mapped[SealedValue] = sealed_column("address")
    id_card_sealed: Mapped[SealedValue] = sealed_column("id_card")
    phone_index: Mapped[str | None] = mapped_column(default=None)
    id_card_index: Mapped[str | None] = mapped_column(default=None)
