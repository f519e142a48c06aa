"""Lists as files: the sheets of a folder or one workbook, and the roads, put into an organisation's rows at once."""

import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import File, Query, UploadFile
from starlette.responses import Response

from api.access.dependencies import Caller, CallerScope, action
from api.service.bodies import Answer, Week
from api.service.changes import organisation_in
from api.service.deps import Config, Store
from api.service.problems import FieldFault, ProblemError, shown
from api.service.resource_routes import answered, json_answer
from api.service.routing import new_router
from api.store.audit import append
from api.store.base import now
from api.weeks import import_folder, keep_roads
from geodata import RoadFileError, read_roads
from optimizer.tables import monday_of, read_folder

router = new_router("uploads")
MOST_FILES = 12
ROADS = ".osm.pbf"
KINDS = (".csv", ".xlsx", ".xlsm", ROADS)
LOCAL_HOURS = timedelta(hours=8)


class SheetCounts(Answer):
    """What an upload did to the rows of a sheet."""

    created: int
    changed: int
    unchanged: int
    removed: int


class NoteView(Answer):
    """What was put right or left out."""

    code: str
    count: int
    message_zh: str
    message_en: str


class UploadView(Answer):
    """What an upload did."""

    organisation_id: str
    sheets: dict[str, SheetCounts]
    notes: list[NoteView]
    has_roads: bool


@router.post("/v1/uploads", **answered(UploadView), **action("resources:upload"))
def upload_folder(
    files: Annotated[list[UploadFile], File(description="CSV files named like the sheets, a workbook, an .osm.pbf")],
    caller: Caller,
    scope: CallerScope,
    store: Store,
    config: Config,
    organisation_id: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    week: Annotated[Week | None, Query(description="The week that dates are judged for; else the present one")] = None,
) -> Response:
    """Replace sheets by files. Every fault is told with sheet, row and column, and then nothing is written.

    A sheet that is not sent stays as it is; a row that is not in its sheet any more is taken away.
    """
    organisation = organisation_in(scope, organisation_id)
    monday = monday_of(week or (now() + LOCAL_HOURS).date().isoformat())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _keep(files, folder)
        found = read_folder(folder)
        if found.roads is not None:
            _judge_roads(found.roads)
        with store.session(scope) as session:
            imported = import_folder(session, organisation, found, monday=monday, actor=caller.actor)
            sheets = {sheet: asdict(counts) for sheet, counts in imported.counts.items()}
            details = {"sheets": sorted(found.grids), "roads": found.roads is not None}
            append(session, organisation, "resources:upload", target_kind="uploads", details=details)
        if found.roads is not None:
            keep_roads(found.roads, config.data_dir, organisation)
    notes = [
        {"code": n.code, "count": n.count, "message_zh": n.message_zh, "message_en": n.message_en}
        for n in imported.notes
    ]
    content: dict[str, Any] = {"organisation_id": organisation, "sheets": sheets, "notes": notes}
    return json_answer({**content, "has_roads": found.roads is not None})


def _keep(files: list[UploadFile], folder: Path) -> None:
    """Write the files to the folder under their own names. Raises ProblemError."""
    faults = []
    if len(files) > MOST_FILES:
        faults.append(
            _fault("TOO_MANY_FILES", str(len(files)), f"每次最多 {MOST_FILES} 个文件", f"At most {MOST_FILES} files")
        )
    for number, file in enumerate(files[:MOST_FILES]):
        name = PurePosixPath((file.filename or "").replace("\\", "/")).name
        if not name.lower().endswith(KINDS) or "\0" in name or name.startswith("."):
            advice = f"只接受 {'、'.join(KINDS)}", f"Send {', '.join(KINDS)}"
            faults.append(_fault("FILE_KIND", shown(name), *advice, pointer=f"/files/{number}"))
        elif (folder / name).exists():
            advice = "同名文件只发一个", "Send one file of a name only"
            faults.append(_fault("FILE_TWICE", shown(name), *advice, pointer=f"/files/{number}"))
        else:
            (folder / name).write_bytes(file.file.read())
    if faults:
        raise ProblemError("INPUT_INVALID", errors=faults)


def _judge_roads(file: Path) -> None:
    """Raises ProblemError when a road file cannot be read."""
    try:
        read_roads(file)
    except RoadFileError:
        advice = "更换道路文件，或不发送它以按直线估算", "Send another road file, or none to use straight lines"
        raise ProblemError("INPUT_INVALID", errors=[_fault("ROADS", ROADS, *advice)]) from None


def _fault(code: str, found: str, zh: str, en: str, pointer: str = "/files") -> FieldFault:
    return FieldFault(code, pointer, found, "", zh, en)
