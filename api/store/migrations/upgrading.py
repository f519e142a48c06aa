"""Runs the versions of the schema on a connection."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def configuration(connection: Connection | None = None) -> Config:
    """What alembic needs to know; the connection's transaction is the caller's."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest version."""
    command.upgrade(configuration(connection), "head")


def newest() -> str:
    """The newest version of the schema."""
    (head,) = ScriptDirectory.from_config(configuration()).get_heads()
    return head


def is_current(connection: Connection) -> bool:
    """Whether the schema is the newest version."""
    return MigrationContext.configure(connection).get_current_heads() == (newest(),)
