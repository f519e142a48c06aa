"""A contract system on a real port, and the store's databases."""

from collections.abc import Iterator

import pytest

from tests.api.contract.places import Simulated, simulated
from tests.api.store.databases import database, postgresql_database, postgresql_url, sqlite_database, sqlite_template

__all__ = ["database", "postgresql_database", "postgresql_url", "sqlite_database", "sqlite_template"]


FEW_RECORDS = 60


@pytest.fixture(scope="session")
def one_contract_system() -> Iterator[Simulated]:
    """A contract system that all tests share, for starting a server takes longer than a test."""
    with simulated() as found:
        yield found


@pytest.fixture
def contract_system(one_contract_system: Simulated) -> Simulated:
    """A contract system with a few records of the small township."""
    one_contract_system.begin_anew(FEW_RECORDS)
    return one_contract_system
