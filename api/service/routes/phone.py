"""The page behind the QR code of a day sheet: a crew's stops on a phone, for whoever may see them.

The page itself holds nothing of anybody. Its script signs in and asks the API, so the API's rules are the only ones.
"""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Path as InPath
from starlette.responses import Response

from api.access.dependencies import action
from api.service.routing import new_router

router = new_router("phone")
FOLDER = Path(__file__).parents[1] / "phone"
KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
LONGEST_ID = 200

PlanId = Annotated[str, InPath(max_length=LONGEST_ID, description="Of the plan")]
CrewId = Annotated[str, InPath(max_length=LONGEST_ID, description="Of the crew in the plan")]


def _told(kind: str) -> dict[str, Any]:
    """What a route says about the file that it answers with."""
    content = {KINDS[kind]: {"schema": {"type": "string"}}}
    return {"response_class": Response, "responses": {200: {"description": "The file", "content": content}}}


def _file(name: str) -> Response:
    return Response((FOLDER / name).read_bytes(), media_type=KINDS[name.rpartition(".")[2]])


@router.get("/plans/{plan_id}/crews/{crew_id}", **_told("html"), **action("public"))
def open_crew_page(plan_id: PlanId, crew_id: CrewId) -> Response:
    """The page of a crew; it is the same for every crew and asks for the rest itself."""
    return _file("crew.html")


@router.get("/phone/crew.css", **_told("css"), **action("public"))
def read_crew_style() -> Response:
    """How the page looks."""
    return _file("crew.css")


@router.get("/phone/crew.js", **_told("js"), **action("public"))
def read_crew_script() -> Response:
    """What the page does."""
    return _file("crew.js")
