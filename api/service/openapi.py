"""The OpenAPI document as a file in the repository.

python -m api.service.openapi           writes api/service/openapi.json
python -m api.service.openapi --check   fails when the file is not what the code says
"""

import json
import sys
from pathlib import Path

from api.config import Settings
from api.service.app import create_app

FILE = Path(__file__).parent / "openapi.json"


def document_text() -> str:
    """The document as the file holds it."""
    app = create_app(Settings(mode="demo"))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def main(words: list[str]) -> int:
    """Write the file, or with --check tell whether it is what the code says."""
    text = document_text()
    if "--check" not in words:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{FILE.name} is not what the code says: python -m api.service.openapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
