"""Writes canonical records in the form of a vendor: the way back of `api.contract.reading`."""

from datetime import UTC, datetime, timedelta

from api.contract.cells import Json, write_moment
from api.contract.vendors import CODES, DATES, LISTS, Vendor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def vendor_row(vendor: Vendor, record: dict[str, Json], updated_at: datetime, version: int, *,
               is_deleted: bool) -> dict[str, Json]:  # fmt: skip
    """A record in the vendor's words. A deleted one tells its id, version and moment only."""
    row: dict[str, Json] = {}
    own: dict[str, Json] = {"updated_at": write_moment(updated_at, vendor.formats), "version": version}
    own["is_deleted"] = vendor.formats.yes if is_deleted else vendor.formats.no
    for name, path in vendor.fields.items():
        if name in own:
            _put(row, path, own[name])
        elif name == "external_id" or not is_deleted:
            _put(row, path, _value(vendor, name, record.get(name)))
    return row


def vendor_version(vendor: Vendor, updated_at: datetime, version: int) -> int:
    """The version as a reader of the vendor's rows reckons it."""
    if "version" in vendor.fields:
        return version
    return (updated_at - EPOCH) // timedelta(microseconds=1)


def vendor_code(vendor: Vendor, name: str, record: dict[str, Json]) -> str:
    """A code of a record as the vendor counts it; empty where there is none."""
    value = _value(vendor, name, record.get(name))
    return "" if value is None else str(value)


def is_held_by(vendor: Vendor, record: dict[str, Json]) -> bool:
    """Whether a system of this vendor could hold the record: one without our rules needs a business type."""
    return "rule" in vendor.fields or record.get("business_type") is not None


def _value(vendor: Vendor, name: str, value: Json) -> Json:
    if value is None:
        return None
    if name in CODES and isinstance(value, int | str):
        code = vendor.vendor_code_of(name, value)
        return code if name in vendor.codes or vendor.formats.codes_as_text else value
    if name in DATES:
        return datetime.fromisoformat(str(value)).strftime(vendor.formats.date)
    if name in LISTS and isinstance(value, list) and vendor.formats.separator:
        return vendor.formats.separator.join(map(str, value))
    return value


def _put(row: dict[str, Json], path: str, value: Json) -> None:
    *parents, last = path.split(".")
    for word in parents:
        inner = row.setdefault(word, {})
        assert isinstance(inner, dict)
        row = inner
    row[last] = value
