"""xunzhen organisation, account, key: who is there, made from the machine itself."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, say_json
from api.cli.keeping import AsJson, open_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.models.organisations import Organisation

Named = Annotated[str, typer.Option("--organisation", help="机构编号 / external id of the organisation")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="团队编号，可多次 / a team; may be repeated")]
KEY_DAYS = 90


def add_organisation(
    external_id: Annotated[str, typer.Argument(metavar="ID", help="机构编号 / external id")],
    name: Annotated[str, typer.Option(help="名称 / name")] = "",
    kind: Annotated[str, typer.Option(help="类别 / kind: county, township_hospital, ...")] = "township_hospital",
    parent: Annotated[str, typer.Option(help="上级机构编号 / external id of the one above")] = "",
    as_json: AsJson = False,
) -> int:
    """新增机构 / Add an organisation."""
    from api.store.models.organisations import Organisation, OrganisationKind
    from api.store.scope import everything

    kinds = [each.value for each in OrganisationKind]
    if kind not in kinds:
        raise ValueError(f"--kind {kind}: 应为 one of {', '.join(kinds)}")
    database = open_database()
    database.migrate()
    with database.session(everything("console")) as session:
        if _find(session, external_id) is not None:
            raise ValueError(f"{external_id}: 机构已存在 / is there already")
        above = _get(session, parent).id if parent else None
        made = Organisation(external_id=external_id, name=name, kind=kind, parent_id=above)
        session.add(made)
        session.flush()
        made_id = made.id
    _say({"id": made_id, "external_id": external_id}, as_json=as_json)
    return 0


def add_account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="用户名 / sign-in name")],
    organisation: Named,
    role: Annotated[str, typer.Option(help="角色 / role: team_leader, county_admin, ...")],
    team: Teams = None,
    member: Annotated[str, typer.Option(help="人员编号 / the member that this person is")] = "",
    as_json: AsJson = False,
) -> int:
    """新增账户 / Add an account; prints a password that has to be changed at the first sign-in."""
    from api.access.accounts import bootstrap

    database = open_database()
    database.migrate()
    password = bootstrap(
        database,
        name=name,
        role=role,
        organisation_external_id=organisation,
        team_external_ids=tuple(team or ()),
        member_external_id=member or None,
    )
    _say({"name": name, "password": password}, as_json=as_json)
    return 0


def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="用途 / what the key is for")],
    organisation: Named,
    role: Annotated[str, typer.Option(help="角色 / role")] = "contract_system",
    team: Teams = None,
    days: Annotated[int, typer.Option(min=1, help="有效天数 / days until it ends")] = KEY_DAYS,
    as_json: AsJson = False,
) -> int:
    """新增接口密钥 / Add an API key; it is shown this once."""
    from api.access.api_keys import NewKey
    from api.access.api_keys import add_key as make_key
    from api.access.settings import AccessSettings
    from api.store.base import now
    from api.store.scope import everything

    database = open_database()
    database.migrate()
    with database.session(everything("console")) as session:
        new = NewKey(
            name=name,
            organisation_id=_get(session, organisation).id,
            role=role,
            team_external_ids=tuple(team or ()),
            days=days,
        )
        _, text = make_key(session, new, AccessSettings(), now())
    ends = (now() + timedelta(days=days)).date().isoformat()
    _say({"name": name, "key": text.text, "ends": ends}, as_json=as_json)
    return 0


def _find(session: "Session", external_id: str) -> "Organisation | None":
    from sqlalchemy import select

    from api.store.models.organisations import Organisation

    return session.scalar(select(Organisation).where(Organisation.external_id == external_id))


def _get(session: "Session", external_id: str) -> "Organisation":
    """Raises ValueError when there is no such organisation."""
    found = _find(session, external_id)
    if found is None:
        raise ValueError(f"{external_id}: 没有这个机构 / there is no such organisation")
    return found


def _say(fields: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        say_json(fields)
    else:
        for name, value in fields.items():
            out().print(f"{name}: {value}", markup=False)
