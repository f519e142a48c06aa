"""What every test shares: the measuring material's folder, hypothesis without clocks, and no skips in CI."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")  # before anything imports matplotlib: a test opens no window

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile(
    "house",
    deadline=None,  # the first call may compile a kernel; budgets are iterations, never seconds
    derandomize=True,  # the same examples on every machine
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],  # building a week takes a while by nature
)
settings.load_profile("house")


def find_shared() -> Path | None:
    """The folder of measuring material: $XUNZHEN_SHARED, else `shared` beside the repository, else None."""
    named = os.environ.get("XUNZHEN_SHARED")
    folder = Path(named) if named else REPOSITORY.parent / "shared"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of measuring material (public instances, a real road extract); skips where it is absent."""
    folder = find_shared()
    if folder is None:
        pytest.skip("no measuring material: set XUNZHEN_SHARED or put the folder `shared` beside the repository")
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


def is_skip_allowed(item: pytest.Item) -> bool:
    """Whether this test may be left out in CI: only for want of the measuring material."""
    needs = item.get_closest_marker("needs_shared") is not None or "shared_folder" in getattr(item, "fixturenames", ())
    return needs and find_shared() is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one, or a rule would go unwatched."""
    report = yield
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if os.environ.get("CI") == "true" and is_skip and not is_skip_allowed(item):
        reason = call.excinfo.value if call.excinfo else "no reason"
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself."""
    report = yield
    if os.environ.get("CI") == "true" and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skips itself, which CI does not allow: {report.longrepr}"
    return report
