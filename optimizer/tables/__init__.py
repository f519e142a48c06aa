"""Folders of tables, as a township keeps them, to parts of a problem and back."""

from optimizer.tables.building import read_draft, table_fault
from optimizer.tables.columns import SHEETS, all_columns
from optimizer.tables.draft import Draft, Labels, Person
from optimizer.tables.faults import Note, TableFault, TableFaults
from optimizer.tables.reading import Folder, Grid, read_folder
from optimizer.tables.settings import Settings, monday_of

__all__ = [
    "SHEETS",
    "Draft",
    "Folder",
    "Grid",
    "Labels",
    "Note",
    "Person",
    "Settings",
    "TableFault",
    "TableFaults",
    "all_columns",
    "monday_of",
    "read_draft",
    "read_folder",
    "table_fault",
]
