"""Whose rows a session may touch: a limit on every query and every write, below all code that asks for rows.

A statement that cannot be limited (plain SQL, tables instead of classes, bulk inserts of rows that nobody looked at)
is refused unless the scope is everything. In PostgreSQL, row-level security is a second wall (`store.migrations`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, NoReturn

from sqlalchemy import Connection, event, or_, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.attributes import get_history

from api.store.base import OfTeam, Scoped, new_id
from api.store.crypto import KEYS, encrypted_attributes
from api.store.models.audit import AuditEntry, AuditHead
from api.store.models.organisations import Organisation

SCOPE = "scope"
READ_ONLY = "read_only"
ORGANISATIONS_SETTING = "xunzhen.organisations"
TELL_SCOPE = "SELECT set_config(:name, :value, true)"
"""What PostgreSQL's policies are told at the beginning of a transaction, with `told_scope` as its values."""


class Everything(Enum):
    """Stands for all organisations."""

    ALL = "*"


ALL: Final = Everything.ALL


class ScopeError(Exception):
    """A session was asked for something outside its scope; a fault of our own code, never of a caller's data."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: organisations by id or ALL, teams by external id or None for all, and who acts (an opaque id)."""

    organisation_ids: Collection[str] | Everything
    team_ids: Collection[str] | None = None
    actor: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.organisation_ids, Everything):
            wrong = [name for name in self.organisation_ids if not name.isalnum()]
            if wrong or isinstance(self.organisation_ids, str):
                raise ScopeError("a scope names organisations by their ids")
            object.__setattr__(self, "organisation_ids", frozenset(self.organisation_ids))
        if self.team_ids is not None:
            object.__setattr__(self, "team_ids", frozenset(self.team_ids))

    @property
    def is_everything(self) -> bool:
        """Whether every row of every organisation is in sight."""
        return self.organisation_ids is ALL and self.team_ids is None

    def has(self, organisation_id: str | None) -> bool:
        """Whether an organisation is in sight; what belongs to none is in sight of everything only."""
        return isinstance(self.organisation_ids, Everything) or organisation_id in self.organisation_ids

    def has_team(self, team: str | None) -> bool:
        """Whether a team is in sight; what belongs to no team is in sight of all."""
        return self.team_ids is None or team is None or team in self.team_ids

    @property
    def setting(self) -> str:
        """The scope as PostgreSQL's policies read it."""
        if isinstance(self.organisation_ids, Everything):
            return str(self.organisation_ids.value)
        return ",".join(sorted(self.organisation_ids))


def everything(actor: str = "system") -> Scope:
    """The scope of the service's own work."""
    return Scope(ALL, None, actor)


def organisation_scope(organisation_id: str, actor: str = "") -> Scope:
    """The scope of one whole organisation."""
    return Scope((organisation_id,), None, actor)


def scope_of(session: Session) -> Scope:
    """The scope of a session; raises ScopeError when it has none."""
    scope = session.info.get(SCOPE)
    if not isinstance(scope, Scope):
        raise ScopeError("this session has no scope: open it with Database.session")
    return scope


def require_whole(session: Session, organisation_id: str) -> Scope:
    """The scope, which has the whole organisation in sight; raises ScopeError when it has not."""
    scope = scope_of(session)
    if not scope.has(organisation_id) or scope.team_ids is not None:
        raise ScopeError("this needs the whole organisation in sight")
    return scope


class StoreSession(Session):
    """A session that sees and writes only what is in its scope."""

    def bulk_save_objects(self, *arguments: Any, **named: Any) -> NoReturn:
        """Refused: nobody would look at the rows."""
        raise ScopeError("use add_all: bulk rows are not looked at")

    bulk_insert_mappings = bulk_save_objects
    bulk_update_mappings = bulk_save_objects


@event.listens_for(StoreSession, "do_orm_execute")
def _limit(state: ORMExecuteState) -> None:
    """Adds the limits of the scope to a statement, or refuses it."""
    scope = scope_of(state.session)
    if state.session.info.get(READ_ONLY) and (state.is_insert or state.is_update or state.is_delete):
        raise ScopeError("this session only reads")
    if scope.is_everything:
        return
    if not state.is_orm_statement or state.is_from_statement:
        raise ScopeError("plain SQL has no scope: use mapped classes, or a session for everything")
    if state.is_insert:
        _judge_inserted(state, scope)
    elif not state.is_column_load:
        state.statement = state.statement.options(*_criteria(_ids(scope), _teams(scope)))


def _ids(scope: Scope) -> tuple[str, ...] | None:
    return None if isinstance(scope.organisation_ids, Everything) else tuple(sorted(scope.organisation_ids))


def _teams(scope: Scope) -> tuple[str, ...] | None:
    return None if scope.team_ids is None else tuple(sorted(scope.team_ids))


@lru_cache(maxsize=1_000)
def _criteria(ids: tuple[str, ...] | None, teams: tuple[str, ...] | None) -> tuple[Any, ...]:
    """The limits as options of a statement; those on mixins hold for every class below them."""
    return tuple(_made_criteria(ids, teams))


def _made_criteria(ids: tuple[str, ...] | None, teams: tuple[str, ...] | None) -> Iterable[Any]:
    if ids is not None:
        yield with_loader_criteria(Scoped, lambda cls: cls.organisation_id.in_(ids), include_aliases=True)
        yield with_loader_criteria(AuditEntry, lambda cls: cls.organisation_id.in_(ids), include_aliases=True)
        yield with_loader_criteria(AuditHead, lambda cls: cls.organisation_id.in_(ids), include_aliases=True)
        yield with_loader_criteria(Organisation, lambda cls: cls.id.in_(ids), include_aliases=True)
    if teams is not None:
        yield with_loader_criteria(
            OfTeam, lambda cls: or_(cls.team.in_(teams), cls.team.is_(None)), include_aliases=True
        )


def _judge_inserted(state: ORMExecuteState, scope: Scope) -> None:
    """An insert has to bring its rows as a list, so that each can be looked at."""
    given = state.parameters or {}
    rows: list[Mapping[str, Any]] = [given] if isinstance(given, Mapping) else list(given)
    mapper = state.bind_mapper
    kind = mapper.class_ if mapper is not None else object
    if not issubclass(kind, Scoped) or not all(_is_in_sight(row, scope) for row in rows):
        raise ScopeError("an insert brings its rows as a list, each with an organisation in scope")


def _is_in_sight(row: Mapping[str, Any], scope: Scope) -> bool:
    return scope.has(row.get("organisation_id")) and scope.has_team(row.get("team"))


@event.listens_for(StoreSession, "before_flush")
def _judge_flush(session: Session, context: UOWTransaction, instances: object) -> None:
    """Refuses rows outside the scope, gives new rows their ids and seals their personal words."""
    scope = scope_of(session)
    changed = [row for row in session.dirty if session.is_modified(row)]
    if session.info.get(READ_ONLY) and (session.new or session.deleted or changed):
        raise ScopeError("this session only reads")
    for row in (*session.new, *changed, *session.deleted):
        _judge_row(row, scope)
    for row in (*session.new, *changed):
        attributes = encrypted_attributes(type(row))
        if attributes and row.id is None:
            row.id = new_id()
        for attribute in attributes:
            attribute.seal(row, session.info[KEYS])


def _judge_row(row: Any, scope: Scope) -> None:
    if isinstance(row, Scoped | AuditEntry | AuditHead):
        moved = get_history(row, "organisation_id").deleted
        if moved or not scope.has(row.organisation_id):
            raise ScopeError(f"a row of {type(row).__name__} belongs to an organisation out of scope")
    if isinstance(row, OfTeam) and not all(scope.has_team(team) for team in (row.team, *_before(row, "team"))):
        raise ScopeError(f"a row of {type(row).__name__} belongs to a team out of scope")
    if isinstance(row, Organisation) and not scope.has(row.id):
        raise ScopeError("an organisation out of scope")


def _before(row: Any, name: str) -> Iterable[Any]:
    return get_history(row, name).deleted or ()


@event.listens_for(StoreSession, "after_begin")
def _tell_postgresql(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tells PostgreSQL's policies the scope, until the transaction ends."""
    scope = scope_of(session)
    if connection.dialect.name == "postgresql":
        connection.execute(text(TELL_SCOPE), told_scope(scope))


def told_scope(scope: Scope) -> dict[str, str]:
    """The values of `TELL_SCOPE`."""
    return {"name": ORGANISATIONS_SETTING, "value": scope.setting}
