"""What alembic runs for a migration: on the connection that `upgrading` hands over, in its transaction."""

from alembic import context

from api.store import models as models  # every table is part of the metadata
from api.store.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    compare_type=True,
    render_as_batch=False,
)
context.run_migrations()
