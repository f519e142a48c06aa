"""Writing whole files so that nothing is ever left half-written: all of a set are put in place, or none.

A file is written under another name first and renamed when every file of its set is complete on the disk.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file."""
    write_files({path: text.encode("utf-8")})


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file."""
    write_files({path: content})


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files that belong together; raises OSError with nothing put in place when one cannot be written."""
    waiting: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            if path.is_dir():
                raise IsADirectoryError(21, "Is a directory", str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
        for path, other in waiting.items():
            os.replace(other, path)
    finally:
        for other in waiting.values():
            other.unlink(missing_ok=True)


def require_writable(folder: Path) -> None:
    """Make a folder and try it with an empty file; raises OSError before minutes are spent on what cannot be kept."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
