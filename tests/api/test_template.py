"""The template is a folder without rows: it opens, explains itself, and never overwrites somebody's data."""

from pathlib import Path

import openpyxl
import pytest

from api.template import write_template
from optimizer.tables import SHEETS, all_columns, monday_of, read_draft, read_folder


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_it_is_read_as_an_empty_folder(tmp_path: Path, name: str, language: str) -> None:
    write_template(tmp_path / name, language, overwrite=False)
    folder = read_folder(tmp_path / name)
    assert set(folder.grids) == set(SHEETS)
    draft = read_draft(folder, monday_of("2026-W48"))
    assert (draft.sites, draft.members, draft.follow_ups) == ((), (), ())
    assert len(draft.days) == 5
    assert [note.code for note in draft.notes] == ["NOTHING_TO_PLAN"]


def test_every_column_is_explained_in_both_languages(tmp_path: Path) -> None:
    write_template(tmp_path, "zh", overwrite=False)
    text = (tmp_path / "README.txt").read_text(encoding="utf-8-sig")
    for columns in all_columns().values():
        assert all(f"{column.zh} / {column.en}" in text for column in columns)


def test_the_workbook_offers_lists_to_choose_from(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", "zh", overwrite=False)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["说明", *SHEETS.values(), "词表"]
    lists = {rule.formula1 for rule in book["人员"].data_validations.dataValidation}
    assert len(lists) >= 2
    columns = {cell.value: [c.value for c in book["词表"][cell.column_letter][1:]] for cell in book["词表"][1]}
    assert "全科医生" in columns["roles"]
    assert "高血压随访" in columns["rules"]


def test_files_that_are_there_are_kept_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        write_template(tmp_path, "zh", overwrite=False)
    assert [file.name for file in tmp_path.iterdir()] == ["sites.csv"]
    write_template(tmp_path, "zh", overwrite=True)
    assert (tmp_path / "sites.csv").read_bytes() != b"mine"
