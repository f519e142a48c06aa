"""What a resource is: a table, its sheet, who may read and change it, and its bodies, made from the sheet's columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field, create_model

from api.access.identity import Identity
from api.service.bodies import Answer, AwareMoment, Body, RowId, Word
from api.service.judging import PERSONAL
from api.service.moments import as_json
from api.service.paging import PageQuery
from api.service.sheets import column_names, columns_of, description, field_name, stored_type, value_kind

OWN_FIELDS: dict[str, Any] = {
    "id": (str, ...),
    "external_id": (str | None, None),
    "organisation_id": (str | None, None),
    "version": (int | None, None),
    "created_at": (datetime | None, None),
    "updated_at": (datetime | None, None),
    "is_deleted": (bool | None, None),
}
"""What every answer has beside the sheet's columns."""

View = dict[str, Any]
Mask = Callable[[View, Identity, Any], View]
"""Takes away from a view what the caller may not see; the row is given too."""


@dataclass(frozen=True)
class Resource:
    """One kind of rows behind the same seven routes."""

    name: str
    """In addresses, such as follow-ups."""
    title: str
    """In names of models, such as FollowUp."""
    kind: Any
    """The mapped class."""
    sheet: str
    read: str
    write: str
    """The actions that callers need."""
    filters: Mapping[str, Any] = field(default_factory=dict)
    """Columns that a list may be narrowed by, with how their values are checked."""
    extra_new: Mapping[str, Any] = field(default_factory=dict)
    """Fields that a new row has beside the sheet's columns, with their defaults."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Fields of answers beside the sheet's columns, with their types."""
    hidden: tuple[str, ...] = ()
    """Columns that are neither read nor written here."""
    mask: Mask | None = None
    order: tuple[str, ...] = ("external_id", "id")
    """The columns by which a list goes; they can be read from its cursors."""

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The keys of columns that can be written."""
        return tuple(
            key
            for key in column_names(self.sheet)
            if key not in self.hidden and stored_type(self.kind, field_name(key)) is not None
        )

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The names of the fields of an answer."""
        columns = (field_name(key) for key in self.written if key not in self.sealed and key != "id")
        return (*("id", "external_id", "organisation_id"), *columns, *self.more, *list(OWN_FIELDS)[3:])

    @cached_property
    def sealed(self) -> tuple[str, ...]:
        """The columns that are encrypted, and read one row at a time only."""
        return tuple(key for key in PERSONAL if key in column_names(self.sheet) and hasattr(self.kind, f"{key}_sealed"))

    @cached_property
    def new_body(self) -> type[BaseModel]:
        """The body that makes a row."""
        fields: dict[str, Any] = {"organisation_id": (RowId | None, Field(None, description=ORGANISATION_ID))}
        for key in self.written:
            column = columns_of(self.sheet)[key]
            kind = value_kind(self.kind, column)
            told = Field(... if column.required else None, description=description(column))
            fields[field_name(key)] = (kind if column.required else kind | None, told)
        return create_model(f"New{self.title}", __base__=Body, **(fields | dict(self.extra_new)))

    @cached_property
    def change_body(self) -> type[BaseModel]:
        """The body that changes a row: only what is given is changed, null empties."""
        fields: dict[str, Any] = {}
        for key in self.written:
            column = columns_of(self.sheet)[key]
            kind = value_kind(self.kind, column)
            told = Field(None, description=description(column))
            fields[field_name(key)] = (kind if column.required else kind | None, told)
        return create_model(f"Change{self.title}", __base__=Body, **fields)

    @cached_property
    def answer(self) -> type[BaseModel]:
        """What a row looks like; with `fields` some are missing."""
        fields: dict[str, Any] = dict(OWN_FIELDS)
        for name in self.shown:
            if name not in fields:
                stored = self.more.get(name) or stored_type(self.kind, name) or str
                fields[name] = (stored | None, None)
        return create_model(self.title, __base__=Answer, **{name: fields[name] for name in self.shown})

    @cached_property
    def page_answer(self) -> type[BaseModel]:
        """What a page of rows looks like."""
        fields: dict[str, Any] = {"items": (list[self.answer], ...), "next_cursor": (str, ...)}  # type: ignore[name-defined]
        return create_model(f"{self.title}Page", __base__=Answer, **fields)

    @cached_property
    def query(self) -> type[PageQuery]:
        """The query of the list."""
        fields: dict[str, Any] = {
            "organisation_id": (RowId | None, None),
            "external_id": (Word | None, None),
            **{name: (kind | None, None) for name, kind in self.filters.items()},
            "updated_since": (AwareMoment | None, None),
            "include_deleted": (bool, False),
        }
        return create_model(f"{self.title}Query", __base__=PageQuery, **fields)

    def view(self, row: Any) -> View:
        """A row as its answer, without masks."""
        return {name: as_json(getattr(row, name)) for name in self.shown}


ORGANISATION_ID = "The organisation the row is for; may be left out by callers who have one only"
