"""Sends generated requests to every operation of the service and counts answers that are wrong: none may be.

`python -m tests.bench fuzz --requests 20000`. No answer may be a server error, break the OpenAPI document or tell a
personal word to somebody it is not for; a refused request may change nothing. The same seed sends the same requests.
Every 2,000 requests the store begins anew.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.api.fuzz.ground import make_ground
from tests.api.fuzz.running import Report, run_fuzz

CLASSES = ("2xx", "3xx", "4xx", "5xx")


def main(argv: list[str]) -> int:
    """Run the fuzz; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench fuzz", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--full", action="store_true", help="20,000 requests")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    begun, spent = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="xunzhen-fuzz-") as name:
        folder = Path(name)
        report = run_fuzz(make_ground(folder), folder, 20_000 if options.full else options.requests, options.seed)
    _print(report)
    print(f"{time.perf_counter() - begun:.0f} s of the wall, {time.process_time() - spent:.0f} s of the processor")
    return 1 if report.findings else 0


def _print(report: Report) -> None:
    """Counts by operation and by class, then every finding with its first requests."""
    width = max(map(len, report.operations))
    print(f"{'':{width}} " + " ".join(f"{name:>6}" for name in CLASSES))
    for operation, counts in sorted(report.operations.items()):
        print(f"{operation:{width}} " + " ".join(f"{counts[name]:6}" for name in CLASSES))
    print(f"{'all':{width}} " + " ".join(f"{report.statuses[name]:6}" for name in CLASSES))
    for fault, requests in report.findings.items():
        print(f"FOUND {fault}")
        for told in requests:
            print(f"    {told}")
    print(f"{report.requests} requests to {len(report.operations)} operations, {len(report.findings)} findings")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
