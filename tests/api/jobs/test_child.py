"""The process of a solve and the engine that speaks to it: answers, progress, cancelling, limits, a parent's death."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.jobs.child import Line
from api.jobs.local import LocalEngine
from api.jobs.messages import CANCEL_LINE, Found, Look, Message, Order, Refused, Solved, message_of
from api.jobs.refusals import REASONS, JobRefused
from optimizer.check import check
from optimizer.documents import plan_from_json, problem_from_json
from optimizer.plan import CostBreakdown, Result, Status
from optimizer.solve import Progress, SolveParams, solve
from tests.api.jobs.trials import LONGEST_SECONDS, PLAN, a_document, until
from tests.builders import a_plan, a_problem

QUICK = {"seed": 1, "iterations": 300, "workers": 1}
LONG = {"seed": 1, "seconds": 300.0, "workers": 1}


class Ears:
    """Keeps what is told, and when."""

    def __init__(self) -> None:
        self.looks: list[tuple[float, Look]] = []
        self.plans: list[Found] = []

    def __call__(self, message: Look | Found) -> None:
        if isinstance(message, Look):
            self.looks.append((time.monotonic(), message))
        else:
            self.plans.append(message)

    def is_searching(self) -> bool:
        """Whether the search itself has told a cost."""
        return bool(self.looks) and self.looks[-1][1].cost is not None


def an_order(params: Mapping[str, object], deadline_seconds: float = 120.0, document: str | None = None) -> Order:
    """An order for the small week."""
    return Order(document or a_document(), dict(params), deadline_seconds)


@pytest.fixture(scope="module")
def answered() -> tuple[Solved, Ears]:
    """One short solve in a process, and what it told."""
    ears = Ears()
    return LocalEngine().run(an_order(QUICK), ears, lambda: False), ears


def test_the_answer_is_a_plan_with_the_verdict_of_the_judge(answered: tuple[Solved, Ears]) -> None:
    solved, _ = answered
    verdict = check(a_problem(), plan_from_json(solved.found.document))
    assert (solved.found.is_feasible, solved.found.cost) == (verdict.is_feasible, verdict.cost.total)
    assert json.loads(solved.result)["cost"]["total"] == verdict.cost.total


def test_a_plan_can_be_read_before_the_end(answered: tuple[Solved, Ears]) -> None:
    _, ears = answered
    assert check(problem_from_json(a_document()), plan_from_json(ears.plans[0].document)).is_feasible


def test_the_answer_and_the_last_look_say_how_far_from_the_best_it_can_be(answered: tuple[Solved, Ears]) -> None:
    solved, ears = answered
    bound = json.loads(solved.result)["bound"]
    assert 0 < bound <= solved.found.cost
    assert ears.looks[-1][1].gap == round(100 * (solved.found.cost / bound - 1), 1)
    stream = io.BytesIO()
    line = Line(stream)
    line.on_plan(Result(a_plan(), Status.FEASIBLE, CostBreakdown({"travel": 1500}), bound=1000))
    line.tick()
    line.on_progress(Progress("routing", 0.5, bound=1200))
    line.tick()
    line.on_plan(Result(a_plan(), Status.INFEASIBLE, CostBreakdown({"travel": 1300}), bound=1200))
    line.tick()
    looks = [message for text in stream.getvalue().splitlines() if isinstance(message := message_of(text), Look)]
    assert [look.gap for look in looks] == [50.0, 25.0, 25.0]
    assert all(look.gap is None or look.gap >= 0 for _, look in ears.looks)


def test_no_plan_told_and_no_cost_beside_one_is_below_the_answer(answered: tuple[Solved, Ears]) -> None:
    solved, ears = answered
    assert all(plan.cost >= solved.found.cost for plan in ears.plans)
    assert ears.looks[-1][1].cost == solved.found.cost
    assert ears.looks[-1][1].unplanned == solved.found.unplanned
    beside = [look.cost for _, look in ears.looks if look.gap is not None]  # the gap is that of a plan told
    assert all(cost is not None and cost >= solved.found.cost for cost in beside)


def test_hearing_plans_on_the_way_does_not_change_the_answer() -> None:
    heard: list[Result] = []
    params = SolveParams(seed=1, iterations=300)
    with_ears = solve(a_problem(), params, on_plan=heard.append)
    assert with_ears.plan == solve(a_problem(), params).plan
    assert [check(a_problem(), result.plan).cost for result in heard] == [result.cost for result in heard]
    assert heard


def test_beside_a_plan_its_cost_is_told_and_not_what_a_search_counts() -> None:
    stream = io.BytesIO()
    line = Line(stream)
    line.on_progress(Progress("roster", 0.5, cost=3_374_328))
    line.tick()
    line.note(Found("{}", 3_000_000, is_feasible=True, unplanned=4), None)
    line.on_progress(Progress("routing", 0.2, cost=1_001_281_091, unplanned=90))
    line.tick()
    line.note(Found("{}", 3_100_000, is_feasible=True, unplanned=9), None)
    line.note(Found("{}", 100, is_feasible=False, unplanned=0), None)
    line.tick()
    looks = [message for text in stream.getvalue().splitlines() if isinstance(message := message_of(text), Look)]
    assert [(look.phase, look.cost, look.unplanned) for look in looks] == [
        ("roster", 3_374_328, None),
        ("routing", 3_000_000, 4),
        ("routing", 3_000_000, 4),
    ]


def test_it_tells_at_least_five_looks_a_second(answered: tuple[Solved, Ears]) -> None:
    _, ears = answered
    moments = [moment for moment, _ in ears.looks]
    assert len(moments) - 1 >= 5 * (moments[-1] - moments[0]) - 1


def test_a_cancelled_solve_hands_in_its_best_plan() -> None:
    ears, cancelled = Ears(), threading.Event()

    def hear(message: Look | Found) -> None:
        ears(message)
        if ears.is_searching():
            cancelled.set()

    solved = LocalEngine().run(an_order(LONG), hear, cancelled.is_set)
    assert solved.is_cancelled
    assert check(a_problem(), plan_from_json(solved.found.document)).is_feasible


def test_a_solve_that_is_cancelled_before_the_search_is_stopped_at_once() -> None:
    with pytest.raises(JobRefused, match="STOPPED"):
        LocalEngine().run(an_order(LONG), Ears(), lambda: True)


def test_a_process_is_killed_at_its_deadline() -> None:
    with pytest.raises(JobRefused, match="TOO_LONG"):
        LocalEngine().run(an_order(LONG, deadline_seconds=0.3), Ears(), lambda: False)


def test_faults_of_the_document_come_back_all_at_once_and_without_values() -> None:
    fields = json.loads(a_document())
    fields["teams"][0]["name_of_nobody"] = "张三"
    fields["members"] = [{**member, "team": "nowhere"} for member in fields["members"]]
    with pytest.raises(JobRefused, match="INPUT_FAULTS") as caught:
        LocalEngine().run(an_order(QUICK, document=json.dumps(fields)), Ears(), lambda: False)
    assert caught.value.faults
    assert "张三" not in str(caught.value.faults)


def test_parameters_that_make_no_sense_are_refused() -> None:
    with pytest.raises(JobRefused, match="PARAMETERS"):
        LocalEngine().run(an_order({"seed": 1}), Ears(), lambda: False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_solve_that_wants_too_much_memory_fails_alone() -> None:
    order = Order(a_document(), QUICK, 60.0, memory_bytes=200 << 20)
    with pytest.raises(JobRefused, match="OUT_OF_MEMORY"):
        LocalEngine().run(order, Ears(), lambda: False)


def started(order: Order) -> subprocess.Popen[bytes]:
    """A bare process with an order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.jobs.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
    )
    assert process.stdin is not None
    process.stdin.write(order.head() + order.document.encode())
    process.stdin.flush()
    return process


def test_a_closed_stdin_ends_the_process() -> None:
    with started(an_order(LONG)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        process.stdout.read()
        assert process.wait(LONGEST_SECONDS) is not None


def test_a_cancel_line_is_enough() -> None:
    with started(an_order(LONG)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(CANCEL_LINE)
        process.stdin.flush()
        *_, last = [message_of(line) for line in process.stdout]
        assert isinstance(last, Solved | Refused)
        process.stdin.close()


PARENT = """
import sys
from api.jobs.child import Line
from api.jobs.local import LocalEngine
from api.jobs.messages import Order
print("ready", flush=True)
LocalEngine().run(Order(sys.stdin.read(), {"seed": 1, "seconds": 300.0}, 600.0), print, lambda: False)
"""


def children_of(process: int) -> list[int]:
    """Ids of the child processes of a process."""
    tasks = Path(f"/proc/{process}/task")
    return [int(word) for task in tasks.iterdir() for word in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/task").is_dir(), reason="needs /proc to see whose child it is")
def test_the_death_of_the_parent_ends_the_child(repository: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=repository
    )
    with parent:
        assert parent.stdin is not None
        parent.stdin.write(a_document().encode())
        parent.stdin.close()
        until(lambda: bool(children_of(parent.pid)), "the child starts")
        (child,) = children_of(parent.pid)
        parent.kill()
    until(lambda: not is_alive(child), "the child ends")


def is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    "message", [Look("roster", 0.5, 3, 1, None, 1.5), PLAN, Solved(PLAN, "{}"), Refused("C", "中", "e", ({"a": "b"},))]
)
def test_a_message_comes_out_of_its_line_as_it_went_in(message: Message) -> None:
    assert message_of(message.as_line()) == message


@pytest.mark.parametrize("line", [b"[]", b"{}", b'{"kind": "magic"}', b"noise"])
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        message_of(line)


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_speaks_both_languages(code: str) -> None:
    reason = REASONS[code]
    assert any("一" <= sign <= "鿿" for sign in reason.message_zh)
    assert reason.message_en.isascii()
