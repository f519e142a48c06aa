"""Builds the application from settings: wiring only; nothing happens at import."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from api.access.configuration import access_settings
from api.access.door import Door
from api.config import Settings
from api.service.document import document_of
from api.service.frame import Frame
from api.service.gauges import add_gauges
from api.service.handlers import add_handlers
from api.service.limits import CountedBodies, RateLimits, Rates, SolveSlots
from api.service.metrics import Metrics, new_metrics
from api.service.rendered import Rendered
from api.service.routes import (
    access,
    audit,
    availability,
    edits,
    exchange,
    exports,
    fhir,
    follow_ups,
    health,
    households,
    jobs,
    organisations,
    phone,
    planning,
    plans_read,
    problems,
    replanning,
    residents,
    scenarios,
    sheets,
    solving,
    uploads,
)
from api.service.routes import (
    settings as setting_routes,
)
from api.store.database import Database

TITLE = "Xunzhen 巡诊"
OPENAPI_PATH = "/v1/openapi.json"
ROUTERS: tuple[APIRouter, ...] = (
    planning.router,  # before plans_read, whose plain path would swallow `:compare`
    plans_read.router,  # early: routes are tried one after the other, and these are asked for most
    health.router,
    problems.router,
    access.router,
    organisations.router,
    setting_routes.router,
    *sheets.ROUTERS,
    availability.router,
    residents.router,
    households.router,
    follow_ups.router,
    exports.router,
    phone.router,
    jobs.router,
    edits.router,
    exchange.router,
    replanning.router,
    scenarios.router,
    solving.router,
    uploads.router,
    audit.router,
    fhir.router,
)
"""Every router of the service; each route names its whole path."""


class Service(FastAPI):
    """The application with the frame around everything, also around its answer to an unforeseen error."""

    metrics: Metrics

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's stack inside the frame."""
        return Frame(super().build_middleware_stack(), self.metrics)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = document_of(self)
        return self.openapi_schema


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The application; it migrates the database when it starts, and closes it at the end if it is its own."""
    store = database or Database(settings.database_location, settings.key_ring)
    app = Service(
        title=TITLE,
        version="1",
        openapi_url=OPENAPI_PATH,
        docs_url=None,  # the framework's pages load their scripts from outside
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"auto_configure": False},
        lifespan=_lifespan(store, is_own=database is None),
    )
    app.metrics = new_metrics()
    add_gauges(app.metrics, store)
    app.state.settings = settings
    app.state.database = store
    app.state.metrics = app.metrics
    app.state.door = Door(store, access_settings(settings))
    app.state.rendered = Rendered()
    app.state.solve_slots = SolveSlots(BoundedSemaphore(settings.concurrent_solves))
    add_handlers(app)
    app.add_middleware(CountedBodies, settings=settings)
    app.add_middleware(RateLimits, rates=Rates(settings.requests_per_minute, settings.address_requests_per_minute))
    for router in ROUTERS:
        app.include_router(router)
    return app


def _lifespan(store: Database, *, is_own: bool) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(store.migrate)
        yield
        if is_own:
            await run_in_threadpool(store.close)

    return lifespan
