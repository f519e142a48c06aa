"""The versions of the schema, oldest first; `upgrading` runs them."""
