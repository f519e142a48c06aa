"""The ground of the fuzz, made once for a test session."""

import pytest

from tests.api.fuzz.ground import Ground, make_ground


@pytest.fixture(scope="session")
def fuzz_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A planned township of 3,000 people in a store, with callers of every role; to be copied."""
    return make_ground(tmp_path_factory.mktemp("fuzz"))
