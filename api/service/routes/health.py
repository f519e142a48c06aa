"""Whether the service lives, whether it is ready, and its figures."""

from typing import Literal

from fastapi import Request
from starlette.responses import Response

from api.access.dependencies import action
from api.service.bodies import Answer
from api.service.deps import Store, metrics_of
from api.service.metrics import MEDIA_TYPE
from api.service.problems import ProblemError
from api.service.routing import new_router

router = new_router("service")


class Health(Answer):
    """That the service answers."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", **action("public"))
async def read_health() -> Health:
    """Whether the process answers; asks nothing else."""
    return Health()


@router.get("/readyz", **action("public"))
def read_readiness(store: Store) -> Health:
    """Whether requests can be served: the database answers and has the newest schema."""
    store.ping()
    if not store.is_current():
        raise ProblemError("NOT_READY", headers={"Retry-After": "5"})
    return Health()


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}}, **action("metrics:read")
)
def read_metrics(request: Request) -> Response:
    """The figures of this process in Prometheus' text form; no label tells who anybody is."""
    return Response(metrics_of(request).page(), headers={"Content-Type": MEDIA_TYPE})
