"""`python -m optimizer.documents [FOLDER]` writes the JSON Schemas anew, by default to `optimizer/schemas`."""

import sys
from pathlib import Path

from optimizer.documents.schema import schema_texts

SCHEMA_FOLDER = Path(__file__).parent.parent / "schemas"


def main(arguments: list[str]) -> None:
    """Writes every published schema."""
    folder = Path(arguments[0]) if arguments else SCHEMA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
