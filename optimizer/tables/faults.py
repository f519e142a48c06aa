"""What is wrong, or only noteworthy, in the tables of a folder: one line each, with the place and what to do."""

from dataclasses import dataclass, field

from optimizer.errors import OptimizerError


@dataclass(frozen=True, slots=True)
class TableFault:
    """One fault: where it is (row counts as in a spreadsheet, 0 for the sheet as a whole), the value, the advice."""

    code: str
    sheet: str
    row: int
    column: str
    value: str
    advice_zh: str
    advice_en: str

    @property
    def place(self) -> str:
        """Sheet, row and column in one word, such as "members!7 field"."""
        row = f"!{self.row}" if self.row else ""
        return f"{self.sheet}{row}" + (f" {self.column}" if self.column else "")

    def __str__(self) -> str:
        found = f" [{self.value}]" if self.value else ""
        return f"{self.place}{found}: {self.advice_zh} / {self.advice_en}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something usable that was put right or left out, with how often it happened and the first places."""

    code: str
    count: int
    message_zh: str
    message_en: str
    places: tuple[str, ...] = ()


class TableFaults(OptimizerError, ValueError):
    """A folder's tables cannot be planned from; `faults` holds every reason."""

    def __init__(self, faults: tuple[TableFault, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} fault(s) in the tables:\n" + "\n".join(f"- {fault}" for fault in faults))


MOST_PLACES = 5


@dataclass(slots=True)
class Log:
    """Collects faults and notes while tables are read."""

    faults: list[TableFault] = field(default_factory=list)
    _notes: dict[str, Note] = field(default_factory=dict)

    def note(self, code: str, message_zh: str, message_en: str, place: str = "") -> None:
        """Count one more case of a note."""
        known = self._notes.get(code, Note(code, 0, message_zh, message_en))
        places = (*known.places, place) if place and len(known.places) < MOST_PLACES else known.places
        self._notes[code] = Note(code, known.count + 1, message_zh, message_en, places)

    def notes(self) -> tuple[Note, ...]:
        """The notes, by code."""
        return tuple(self._notes[code] for code in sorted(self._notes))

    def is_faulty(self, sheet: str, row: int) -> bool:
        """Whether a row has a fault already."""
        return any(fault.sheet == sheet and fault.row == row for fault in self.faults)
