"""Files of a set are put in place together or not at all."""

import os
from pathlib import Path

import pytest

from api.files import require_writable, write_files, write_text


def test_a_set_is_written_whole(tmp_path: Path) -> None:
    write_files({tmp_path / "a" / "one": b"1", tmp_path / "a" / "two": b"2"})
    assert {file.name: file.read_bytes() for file in (tmp_path / "a").iterdir()} == {"one": b"1", "two": b"2"}


def test_when_one_file_cannot_be_written_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("before")
    (tmp_path / "two").mkdir()
    with pytest.raises(IsADirectoryError):
        write_files({tmp_path / "one": b"after", tmp_path / "two": b"x"})
    assert (tmp_path / "one").read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "one", "before")
    monkeypatch.setattr(os, "chmod", full)
    with pytest.raises(OSError, match="No space"):
        write_text(tmp_path / "one", "after")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("one", "before")]


def test_a_folder_is_tried_before_it_is_needed(tmp_path: Path) -> None:
    require_writable(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileExistsError):
        require_writable(tmp_path / "file")
