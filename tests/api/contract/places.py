"""A small invented township for the tests: its contract system on a real port, and an organisation that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from api.contract.client import ContractClient, Patience
from api.contract.simulator.app import DEMO_KEY, create_simulator
from api.contract.simulator.faults import Weather
from api.contract.simulator.serving import serving
from api.contract.simulator.system import ContractSystem
from api.contract.simulator.township import Township, invent_township
from api.contract.sources import add_source
from api.contract.transport import Bounds, HttpTransport
from api.contract.vendors import get_vendor
from api.store.database import Database
from api.store.models.exchange import ContractSource
from api.store.models.resources import Site, Team
from api.store.scope import Scope, organisation_scope
from optimizer.tables import monday_of
from tests.api.store.databases import add_organisation

WEEK = "2026-W48"
QUICK = Bounds(connect_seconds=1, read_seconds=0.15, total_seconds=2)
IMPATIENT = Patience(attempts=3, total_seconds=3, first_wait_seconds=0.005, longest_wait_seconds=0.01,
                     jitter_seconds=0.005)  # fmt: skip


@cache
def small_township() -> Township:
    """About 200 records of an invented township of 3,000 people."""
    return invent_township(3000, 1, monday_of(WEEK))


@dataclass(frozen=True, slots=True)
class Simulated:
    """A contract system that runs: its records, its weather and its address."""

    system: ContractSystem
    weather: Weather
    url: str

    def begin_anew(self, records: int) -> None:
        """Hold the first so many records of the township in quiet weather, as if nothing had happened."""
        self.system.held.clear()
        self.system.written.clear()
        self.system.clock_offset = timedelta()
        self.system.fill(small_township().records[:records])
        self.weather.quiet()
        self.weather.counts.clear()


@contextmanager
def simulated() -> Iterator[Simulated]:
    """The contract system of the small township on a port of its own."""
    system = ContractSystem()
    township = small_township()
    system.fill(township.records)
    app = create_simulator(system, dict(township.sheets))
    with serving(app) as url:
        yield Simulated(system, app.state.weather, url)


@dataclass(frozen=True, slots=True)
class Township1:
    """An organisation with the township's sites and teams, and its contract system."""

    database: Database
    organisation_id: str
    source_id: str

    @property
    def scope(self) -> Scope:
        """The whole organisation."""
        return organisation_scope(self.organisation_id, "tests")


def settle(database: Database, url: str, vendor: str = "xunzhen", external_id: str = "T1", **fields: int) -> Township1:
    """An organisation that knows the small township's places and reads its contract system."""
    organisation_id = add_organisation(database, external_id)
    sheets = small_township().sheets
    with database.session(organisation_scope(organisation_id, "tests")) as session:
        for row in sheets["sites"]:
            session.add(
                Site(
                    organisation_id=organisation_id,
                    external_id=row["id"],
                    kind=row["kind"],
                    village=row["village"] or None,
                    statistics_code=row["statistics_code"] or None,
                    record_code=row["record_code"] or None,
                )
            )
        for row in sheets["teams"]:
            session.add(Team(organisation_id=organisation_id, external_id=row["id"], base=row["base"]))
        source = add_source(
            session, organisation_id, name="签约系统", vendor=vendor, base_url=url, key=DEMO_KEY,
            webhook_secret="whsec-for-tests", **fields,
        )  # fmt: skip
        source_id = source.id
    return Township1(database, organisation_id, source_id)


def quick_client(source: ContractSource) -> ContractClient:
    """The client of a source with short time-outs and pauses, for bad weather."""
    return _client(source, QUICK)


def calm_client(source: ContractSource) -> ContractClient:
    """The client of a source with time-outs that no busy machine reaches."""
    return _client(source, Bounds())


def _client(source: ContractSource, bounds: Bounds) -> ContractClient:
    key = ContractSource.key.peek(source) or ""
    return ContractClient(get_vendor(source.vendor), HttpTransport(source.base_url, key, bounds), IMPATIENT)
