"""What a run has read and what did not hold: all of it counted, the first rows of each kind kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from claims_api.verify.actions.findings import Violation

SHOWN_OF_A_KIND = 20


@dataclass(frozen=True)
class Shown:
    """A violation with its tenant."""

    tenant_id: UUID
    violation: Violation


@dataclass
class Report:
    """What was found so far; `counts` by the code of a kind."""

    tenants: int = 0
    claims: int = 0
    events: int = 0
    parcels: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    shown: list[Shown] = field(default_factory=list)

    def add(self, tenant_id: UUID, violations: Iterable[Violation]) -> None:
        """Counts the violations of a tenant, and keeps the first."""
        for violation in violations:
            self.counts[violation.kind.code] += 1
            if self.counts[violation.kind.code] <= SHOWN_OF_A_KIND:
                self.shown.append(Shown(tenant_id, violation))


def together(shares: Iterable[Report]) -> Report:
    """The reports of all shares of the same tenants as one."""
    whole = Report()
    for share in shares:
        whole.tenants = max(whole.tenants, share.tenants)
        whole.claims += share.claims
        whole.events += share.events
        whole.parcels += share.parcels
        whole.counts += share.counts
        whole.shown += share.shown
    kept = Counter[str]()
    rows, whole.shown = whole.shown, []
    for one in sorted(rows, key=lambda row: (row.tenant_id, row.violation.row)):
        kept[one.violation.kind.code] += 1
        if kept[one.violation.kind.code] <= SHOWN_OF_A_KIND:
            whole.shown.append(one)
    return whole
