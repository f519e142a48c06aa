"""The database: tables, sessions, encryption, scope, audit, migrations, backup."""
