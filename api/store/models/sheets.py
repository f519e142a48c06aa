"""What the rows of a township's sheets have in common."""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from api.store.base import Identified, Scoped, Versioned


class SheetRow(Identified, Scoped, Versioned):
    """A row of a sheet: one column per column of the sheet, `external_id` for its `id`; taken away by a tombstone."""

    external_id: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    """Order in the sheet; equal positions go by external id."""
    is_deleted: Mapped[bool] = mapped_column(default=False)


def sheet_table(name: str, *others: SchemaItem) -> tuple[SchemaItem, ...]:
    """The constraints and indexes of a table of sheet rows: unique external ids, and pages by change."""
    return (
        UniqueConstraint("organisation_id", "external_id"),
        Index(f"ix_{name}_changed", "organisation_id", "updated_at", "id"),
        *others,
    )
