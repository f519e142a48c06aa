"""The whole way round, spoken over HTTP as a township would: lists in, follow-ups pulled, a week planned, judged,
published and written back, and the counts of both sides compared.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from optimizer.tables import SHEETS

WAIT_SECONDS = 0.3
MOST_SECONDS = 1800.0
"""For one step; a slow machine is not a failure."""
TIMEOUT_SECONDS = 120.0
LISTS = tuple(sheet for sheet in SHEETS if sheet != "followups")
"""What the township keeps itself; follow-ups come from the contract system."""
RUNNING_JOB = ("queued", "preparing", "solving")
Say = Callable[[str], None]


class CircleError(RuntimeError):
    """A step did not come to its end; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The counts of both sides."""

    records: int
    """Of the contract system."""
    pulled: int
    differences: int
    """Found by the reconciliation."""
    appointments: int
    """That the published plan has for the contract system."""
    written_back: int
    """That the contract system has received, each once."""

    @property
    def holds(self) -> bool:
        """Whether both sides agree."""
        return self.differences == 0 and self.appointments == self.written_back


@dataclass(frozen=True, slots=True)
class Circle:
    """Both systems, the folder of lists, and who is told what happens."""

    service: httpx2.Client
    contract_system: httpx2.Client
    contract_key: str
    folder: Path
    week: str
    budget: dict[str, float]
    seed: int
    say: Say

    def run(self) -> Agreement:
        """Every step once. Raises CircleError."""
        self._upload()
        source = self._source()
        pulled = self._exchange(source, "pull")
        plan_id = self._planned()
        self._judge(plan_id)
        messages = self._publish(plan_id)
        self._wait_for_outbox()
        return self._compare(source, pulled, messages)

    def _upload(self) -> None:
        files = [self.folder / f"{sheet}.csv" for sheet in LISTS] + sorted(self.folder.glob("*.osm.pbf"))
        parts = [("files", (file.name, file.read_bytes())) for file in files if file.exists()]
        done = self._ask("POST", "/v1/uploads", params={"week": self.week}, files=parts)
        rows = sum(counts["created"] + counts["unchanged"] for counts in done["sheets"].values())
        self.say(f"清单已导入 lists imported: {rows} 行 rows")

    def _source(self) -> str:
        body = {
            "name": "demo",
            "vendor": "xunzhen",
            "base_url": str(self.contract_system.base_url).rstrip("/"),
            "key": self.contract_key,
        }
        return str(self._ask("POST", "/v1/exchange/sources", json=body)["id"])

    def _exchange(self, source: str, kind: str) -> dict[str, Any]:
        """A pull or a reconciliation, done."""
        run = self._ask("POST", "/v1/exchange/runs", json={"source_id": source, "kind": kind})
        for _ in self._patience(kind):
            run = self._ask("GET", f"/v1/exchange/runs/{run['id']}")
            if run["finished_at"]:
                break
        if run["code"]:
            raise CircleError(f"{kind}: {run['code']} {run['message_zh']} / {run['message_en']}")
        assert isinstance(run, dict)
        if kind == "pull":
            told = ", ".join(f"{name} {count}" for name, count in sorted(run["counts"].items()) if count)
            self.say(f"已拉取随访 follow-ups pulled: {told}")
        return run

    def _planned(self) -> str:
        """The id of a plan that a job has made."""
        key = f"demo-plan-{time.time_ns()}"
        body = {"week": self.week, "seed": self.seed, **self.budget}
        job = self._ask("POST", "/v1/plans", json=body, headers={"Idempotency-Key": key})
        told = ""
        for _ in self._patience("plan"):
            job = self._ask("GET", f"/v1/jobs/{job['id']}")
            if job["state"] not in RUNNING_JOB:
                break
            if job["state"] != told:
                told = job["state"]
                self.say(f"计划任务 job: {told}")
        if not job["result_plan_id"]:
            raise CircleError(f"plan: {job['state']} {job['code']} {job['message_zh']} / {job['message_en']}")
        self.say(
            f"计划完成 planned: 排队 queued {job['queue_seconds']:.1f} s, 计算 solved {job['solve_seconds']:.1f} s"
        )
        return str(job["result_plan_id"])

    def _judge(self, plan_id: str) -> None:
        verdict = self._ask("POST", f"/v1/plans/{plan_id}:check")
        if not verdict["is_feasible"]:
            raise CircleError(f"check: {len(verdict['violations'])} violations")
        self.say(f"核对通过 checked: 0 违规 violations, cost {verdict['cost_total']}")

    def _publish(self, plan_id: str) -> int:
        version = self._ask("GET", f"/v1/plans/{plan_id}", params={"fields": "version"})["version"]
        done = self._ask("POST", f"/v1/plans/{plan_id}:publish", headers={"If-Match": f'"{version}"'})
        self.say(f"已发布 published: {done['messages']} 条待回写 messages to be written back")
        return int(done["messages"])

    def _wait_for_outbox(self) -> None:
        for _ in self._patience("outbox"):
            if not self._ask("GET", "/v1/exchange/outbox", params={"state": "pending", "limit": 1})["items"]:
                break
        dead = self._ask("GET", "/v1/exchange/outbox", params={"state": "dead", "limit": 1})["items"]
        if dead:
            raise CircleError("outbox: a message could not be sent")

    def _compare(self, source: str, pulled: dict[str, Any], messages: int) -> Agreement:
        checked = self._exchange(source, "reconcile")
        theirs = self.contract_system.get("/control/counts").json()
        differences = sum(
            len(found) if isinstance(found, list) else 1 for found in checked["details"].values() if found
        )
        counts = pulled["counts"]
        agreement = Agreement(
            records=theirs["records"],
            pulled=sum(counts.values()),
            differences=differences,
            appointments=messages,
            written_back=theirs["appointments"],
        )
        self.say(
            f"两边核对 both sides: 随访 records {agreement.records}, 差异 differences {agreement.differences}; "
            f"预约 appointments {agreement.appointments}, 已回写 written back {agreement.written_back}"
        )
        return agreement

    def _patience(self, step: str) -> Iterator[None]:
        """One look after the other. Raises CircleError when it takes too long."""
        begun = time.monotonic()
        while time.monotonic() - begun < MOST_SECONDS:
            yield
            time.sleep(WAIT_SECONDS)
        raise CircleError(f"{step}: not done after {MOST_SECONDS:.0f} s")

    def _ask(self, method: str, path: str, **parts: Any) -> Any:
        """The answer of the service. Raises CircleError on a problem."""
        answer = self.service.request(method, path, timeout=TIMEOUT_SECONDS, **parts)
        if answer.status_code >= 400:
            raise CircleError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json()


def count_in(found: Any) -> int:
    """How many things a nested answer lists."""
    if isinstance(found, dict):
        return sum(count_in(inner) for inner in found.values())
    if isinstance(found, list):
        return len(found)
    return int(found) if isinstance(found, int) else int(bool(found))
