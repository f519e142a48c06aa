"""Dead letters: what was refused and why, without the record itself, so that nothing personal lies about."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.base import now
from api.store.models.exchange import ContractSource, DeadLetter, LetterState
from optimizer.errors import Fault

RECORD = "record"
MOST_REASONS = 20


def as_reasons(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Faults as they are kept and shown."""
    return [
        {
            "code": fault.code,
            "pointer": fault.where,
            "found": fault.found,
            "expected": fault.expected,
            "advice_zh": fault.advice_zh,
            "advice_en": fault.advice_en,
        }
        for fault in faults
    ][:MOST_REASONS]


def find_letters(session: Session, source: ContractSource, kind: str, names: Iterable[str]) -> dict[str, DeadLetter]:
    """The dead letters of some records or events by reference."""
    query = select(DeadLetter).where(
        DeadLetter.source_id == source.id, DeadLetter.kind == kind, DeadLetter.reference.in_(list(names))
    )
    return {letter.reference: letter for letter in session.scalars(query)}


def refuse(
    session: Session,
    source: ContractSource,
    kind: str,
    reference: str,
    faults: Iterable[Fault],
    *,
    version: int | None = None,
    letter: DeadLetter | None = None,
) -> DeadLetter:
    """Note that something was refused; `letter` is the one that there is already."""
    if letter is None:
        letter = DeadLetter(organisation_id=source.organisation_id, source_id=source.id, kind=kind,
                            reference=reference, times_seen=0)  # fmt: skip
        session.add(letter)
    letter.record_version, letter.reasons = version, as_reasons(faults)
    letter.state, letter.resolved_at = LetterState.OPEN, None
    letter.times_seen, letter.last_seen_at = letter.times_seen + 1, now()
    return letter


def resolve(letter: DeadLetter | None) -> None:
    """Note that the reason is gone."""
    if letter is not None and letter.state != LetterState.RESOLVED:
        letter.state, letter.resolved_at = LetterState.RESOLVED, now()
