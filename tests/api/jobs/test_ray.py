"""The Ray engine on a real local Ray: the same answers, progress, cancelling and refusals as the process here."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from api.jobs.cluster import RayEngine
from api.jobs.engines import engine_of
from api.jobs.local import LocalEngine
from api.jobs.messages import Found, Look, Order
from api.jobs.refusals import JobRefused
from optimizer.check import check
from optimizer.documents import plan_from_json
from tests.api.jobs.trials import a_document
from tests.builders import a_problem

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is an extra: pip install 'xunzhen[ray]'")
QUICK = {"seed": 1, "iterations": 300, "workers": 1}


@pytest.fixture(scope="module")
def engine() -> Iterator[RayEngine]:
    """An engine on a Ray of its own."""
    found = RayEngine("local")
    yield found
    found.close()


@needs_ray
@pytest.mark.slow
def test_a_task_gives_the_same_plan_as_a_process_here(engine: RayEngine) -> None:
    told: list[Look | Found] = []
    order = Order(a_document(), QUICK, 120.0)
    there = engine.run(order, told.append, lambda: False)
    here = LocalEngine().run(order, lambda message: None, lambda: False)
    assert there.found == here.found
    assert any(isinstance(message, Look) for message in told)
    assert any(isinstance(message, Found) for message in told)


@needs_ray
@pytest.mark.slow
def test_a_cancelled_task_hands_in_its_best_plan(engine: RayEngine) -> None:
    looks: list[Look | Found] = []
    order = Order(a_document(), {"seed": 1, "seconds": 300.0, "workers": 1}, 600.0)
    solved = engine.run(order, looks.append, lambda: any(isinstance(m, Look) and m.cost is not None for m in looks))
    assert solved.is_cancelled
    assert check(a_problem(), plan_from_json(solved.found.document)).is_feasible


@needs_ray
@pytest.mark.slow
def test_faults_come_back_from_the_task(engine: RayEngine) -> None:
    fields = {**json.loads(a_document()), "teams": []}
    with pytest.raises(JobRefused, match="INPUT_FAULTS") as caught:
        engine.run(Order(json.dumps(fields), QUICK, 120.0), lambda message: None, lambda: False)
    assert caught.value.faults


@needs_ray
def test_a_cluster_that_does_not_answer_is_told_at_once() -> None:
    with pytest.raises(JobRefused, match="ENGINE_UNREACHABLE"):
        RayEngine("127.0.0.1:1")


def test_without_ray_an_address_is_refused_with_advice() -> None:
    code = (
        "import sys; sys.modules['ray'] = None\n"  # as if it were not installed
        "from api.jobs.engines import engine_of\n"
        "from api.jobs.refusals import JobRefused\n"
        "try:\n    engine_of('local')\n"
        "except JobRefused as error:\n"
        "    print(error.reason.code, error.reason.message_zh, error.reason.message_en)\n"
    )
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.startswith("ENGINE_MISSING")
    assert done.stdout.count("xunzhen[ray]") == 2


def test_without_an_address_solves_run_here() -> None:
    assert isinstance(engine_of(""), LocalEngine)
