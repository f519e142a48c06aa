"""The contract systems of an organisation: made, found, and turned into clients."""

from collections.abc import Callable
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.contract.client import ContractClient, Patience
from api.contract.errors import ContractError
from api.contract.transport import HttpTransport
from api.contract.vendors import get_vendor
from api.store.base import new_id
from api.store.models.exchange import ContractSource, SyncCursor

ClientOf = Callable[[ContractSource], ContractClient]
"""Makes the client of a contract system; tests and the service may put another transport behind it."""


class UnknownSource(ContractError, LookupError):
    """There is no such contract system in sight."""

    def __init__(self) -> None:
        super().__init__("UNKNOWN_SOURCE", "没有这个签约系统", "there is no such contract system")


class BadAddress(ContractError, ValueError):
    """An address that we do not call."""

    def __init__(self) -> None:
        zh, en = "地址应为 http(s)://主机，不含密码", "an address is http(s)://host without a password in it"
        super().__init__("BAD_ADDRESS", zh, en)


def add_source(
    session: Session, organisation_id: str, *, name: str, vendor: str, base_url: str, key: str = "",
    webhook_secret: str = "", page_rows: int = 500, overlap_seconds: int = 900,
) -> ContractSource:  # fmt: skip
    """A new contract system with its cursor at the beginning. Raises VendorFaults or BadAddress."""
    get_vendor(vendor)
    judge_address(base_url)
    source = ContractSource(
        id=new_id(), organisation_id=organisation_id, name=name, vendor=vendor, base_url=base_url.rstrip("/"),
        page_rows=page_rows, overlap_seconds=overlap_seconds,
    )  # fmt: skip
    session.add(source)
    source.key, source.webhook_secret = key or None, webhook_secret or None
    session.flush()
    session.add(SyncCursor(organisation_id=organisation_id, source_id=source.id))
    session.flush()
    return source


def get_source(session: Session, source_id: str) -> ContractSource:
    """A contract system in sight of the session. Raises UnknownSource."""
    source = session.scalars(select(ContractSource).where(ContractSource.id == source_id)).one_or_none()
    if source is None:
        raise UnknownSource
    return source


def list_sources(session: Session, organisation_id: str) -> list[ContractSource]:
    """The active contract systems of an organisation."""
    query = select(ContractSource).where(
        ContractSource.organisation_id == organisation_id, ContractSource.is_active.is_(True)
    )
    return list(session.scalars(query.order_by(ContractSource.name)))


def client_of(source: ContractSource) -> ContractClient:
    """The client over HTTP; the source has to be in an open session, for its key is sealed. Raises VendorFaults."""
    key = ContractSource.key.peek(source) or ""
    return ContractClient(get_vendor(source.vendor), HttpTransport(source.base_url, key), Patience())


def judge_address(url: str) -> None:
    """Raises BadAddress on anything but http and https to a host."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        is_good = is_good and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable():
        raise BadAddress
