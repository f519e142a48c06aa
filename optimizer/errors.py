"""What can go wrong when a problem is handed over.

OptimizerError
├── ProblemFaults (ValueError)    the input has faults; carries all of them
└── DocumentFaults (ValueError)   a JSON document cannot be read as what it claims to be

No feasible plan, too little time and cancelling are results, never exceptions.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input: a stable code, where it is, what was found and expected, and what to do about it."""

    code: str
    where: str
    found: str
    expected: str
    advice_zh: str
    advice_en: str

    def __str__(self) -> str:
        return f"{self.code} at {self.where}: found {self.found}, expected {self.expected}. {self.advice_en}"


class OptimizerError(Exception):
    """Base of all errors of this package."""


class _Faults(OptimizerError, ValueError):
    """An error that lists every fault at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} fault(s):\n" + "\n".join(f"- {fault}" for fault in faults))


class ProblemFaults(_Faults):
    """The parts do not make a valid problem; `faults` holds every reason."""


class DocumentFaults(_Faults):
    """A JSON document does not follow its schema; `faults` holds every place."""
