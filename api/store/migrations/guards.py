"""What the database itself forbids: changing rows that are only added, and seeing rows of another organisation.

Versions call these with plain names; what they do must stay as it is for versions that have been released.
"""

from alembic import op

SETTING = "xunzhen.organisations"
"""Set for every transaction by the sessions: ids apart by commas, or * for everything; unset shows nothing."""


def is_postgresql() -> bool:
    """Whether the version runs on PostgreSQL."""
    return bool(op.get_bind().dialect.name == "postgresql")


def forbid_changes(*tables: str) -> None:
    """Rows of these tables are only added: UPDATE, DELETE and TRUNCATE fail."""
    if is_postgresql():
        op.execute(
            "CREATE FUNCTION xunzhen_only_added() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$"
        )
    for table in tables:
        if is_postgresql():
            op.execute(
                f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION xunzhen_only_added()"
            )
            continue
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            )


def forbid_deleting(*tables: str) -> None:
    """Rows of these tables may change but not go: DELETE and TRUNCATE fail."""
    if is_postgresql():
        op.execute(
            "CREATE FUNCTION xunzhen_not_deleted() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are not deleted', TG_TABLE_NAME; END $$"
        )
    for table in tables:
        if is_postgresql():
            op.execute(
                f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION xunzhen_not_deleted()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are not deleted'); END"
            )


def limit_to_organisations(*tables: str, column: str = "organisation_id") -> None:
    """PostgreSQL shows and takes only rows of the organisations of the transaction, also for the tables' owner."""
    if not is_postgresql():
        return
    told = f"current_setting('{SETTING}', true)"
    limit = f"({told} = '*' OR {column} = ANY (string_to_array({told}, ',')))"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organisations ON {table} USING {limit} WITH CHECK {limit}")
