"""Which patrol sites may absorb a resident: the own one first, then near ones that hold sessions."""

from dataclasses import dataclass, field

from optimizer.model import Session, SiteKind
from optimizer.tables.places import Places, metres_between

MOST_NEIGHBOURS = 4


@dataclass(slots=True)
class Reach:
    """Sites within the residents' reach, computed once per site; people of a functional community stay with its own."""

    places: Places
    sessions: list[Session]
    metres: float
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def sites_of(self, site: str) -> tuple[str, ...]:
        """The patrol sites for somebody of this site, nearest first."""
        if site not in self._known:
            self._known[site] = (site, *self._near(site))
        return self._known[site]

    def _near(self, site: str) -> tuple[str, ...]:
        own = self.places.find(site)
        if own is None or own.latitude is None or own.kind is SiteKind.COMMUNITY:
            return ()
        held = {session.site for session in self.sessions} - {site}
        others = [
            (metres_between(own, other), other.id)
            for other in self.places.sites
            if other.id in held and other.kind is not SiteKind.COMMUNITY and other.latitude is not None
        ]
        return tuple(name for metres, name in sorted(others) if metres <= self.metres)[:MOST_NEIGHBOURS]
