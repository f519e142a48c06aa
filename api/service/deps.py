"""What routes are given: the parts of the application, and sessions of the store in the caller's scope."""

from typing import Annotated

from fastapi import Depends, Request

from api.config import Settings
from api.service.limits import SolveSlots
from api.service.metrics import Metrics
from api.store.database import Database


def database_of(request: Request) -> Database:
    """The database of the application."""
    database = request.app.state.database
    assert isinstance(database, Database)
    return database


def settings_of(request: Request) -> Settings:
    """The settings of the application."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)
    return settings


def metrics_of(request: Request) -> Metrics:
    """The figures of the application."""
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics


def solve_slots_of(request: Request) -> SolveSlots:
    """The slots for answers that are computed inside the service."""
    slots = request.app.state.solve_slots
    assert isinstance(slots, SolveSlots)
    return slots


async def _database(request: Request) -> Database:
    return database_of(request)


async def _settings(request: Request) -> Settings:
    return settings_of(request)


async def _solve_slots(request: Request) -> SolveSlots:
    return solve_slots_of(request)


Store = Annotated[Database, Depends(_database)]
"""The database; an endpoint opens `store.session(scope)`, so that a write is committed before it is answered."""
Config = Annotated[Settings, Depends(_settings)]
"""The settings of the application."""
Slots = Annotated[SolveSlots, Depends(_solve_slots)]
"""The slots for answers that are computed inside the service."""
