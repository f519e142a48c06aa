"""What an import did to the rows of a sheet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were made, changed, found as they were, and taken away."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(slots=True)
class Tally:
    """Counts while they are being counted."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def count_change(self, is_changed: bool) -> None:
        """Count a row that was there already."""
        if is_changed:
            self.changed += 1
        else:
            self.unchanged += 1

    @property
    def counts(self) -> Counts:
        """What was counted so far."""
        return Counts(self.created, self.changed, self.unchanged, self.removed)
