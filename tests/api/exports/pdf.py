"""Reads PDF files again, with another library than the one that wrote them."""

import io
import re
from typing import Any

import pytest


def reader_of(content: bytes) -> Any:
    """A reader of a file."""
    pypdf = pytest.importorskip("pypdf", reason="reads PDF files again; part of the dev packages")
    return pypdf.PdfReader(io.BytesIO(content))


def pages_of(content: bytes) -> list[str]:
    """The text of every page without spaces, which a typesetter puts where it likes."""
    return [re.sub(r"\s", "", page.extract_text()) for page in reader_of(content).pages]
