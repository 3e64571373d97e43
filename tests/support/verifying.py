"""The checker in tests: claims in every standing, and what is found about a tenant."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.kit.database import Database
from claims_api.verify.actions.report import Report
from claims_api.verify.actions.run import verify, verify_tenant
from tests.support.claims import CONSENT, PATHS, REFUSAL, STEPS, Claim, Team, line
from tests.support.parcels import Depot, number, said

STEPS.setdefault("accept_withdrawal", {})  # a step without arguments
EUR = "EUR"
Found = dict[str, list[str]]  # by code: the row and the detail of each

SHIRT: Claim = {
    "sku": "SHT-1", "category": "clothing", "issue": {"code": "changed_mind"},
    "paid": {"amount": "20.00", "currency": EUR},
}  # fmt: skip
SOLD_AT_A_DISTANCE: Claim = {
    "purchased_on": "2026-10-30", "delivered_on": "2026-11-03", "sales_channel": "distance",
    "shipping_paid": {"amount": "4.90", "currency": EUR},
}  # fmt: skip


def told(_report: Report) -> None:
    """Nobody listens."""


def found_in(report: Report) -> Found:
    found: Found = defaultdict(list)
    for one in report.shown:
        found[one.violation.kind.code].append(f"{one.violation.row} {one.violation.detail}".strip())
    return dict(found)


async def found_by(owner: Database, tenant_id: UUID) -> Found:
    """What a run of the checker finds about a tenant."""
    return found_in(await verify(owner, tenant_id, told))


async def found_within(db: AsyncConnection, tenant_id: UUID) -> Found:
    """What it finds as this transaction sees the tenant."""
    report = Report()
    await verify_tenant(db, tenant_id, report, told)
    return found_in(report)


async def mixed(team: Team) -> Claim:
    """Two lines: one refused, one refunded in part with a recorded consent."""
    lines = [line(requested_remedy="refund", serial_numbers=["SN-1", "SN-2"]), line(sku="KTL-3")]
    claim = await team.file(lines=lines)
    await team.done("agent", claim, "start_review")
    given = {"position": 1, "decision": "goodwill", "remedy": "price_reduction"}
    amount, consent = {"amount": "40.00", "currency": EUR}, CONSENT | {"text": "Agreed on the phone."}
    refused = {"position": 2, "decision": "not_covered", "refusal": REFUSAL}
    await team.done("agent", claim, "approve", lines=[given | {"amount": amount, "consent": consent}, refused])
    return claim


async def refunded(team: Team) -> Claim:
    """The whole price goes back; it is resolved, closed, reopened and refused the second time."""
    claim = await team.file(lines=[line(requested_remedy="refund")])
    await team.done("agent", claim, "start_review")
    covered = {"position": 1, "decision": "covered_statutory", "remedy": "refund"}
    await team.done("agent", claim, "approve", lines=[covered])
    for by, step in (("agent", "resolve"), ("customer", "close"), ("customer", "reopen"), ("agent", "reject")):
        await team.done(by, claim, step)
    return claim


async def withdrawn_from(team: Team) -> Claim:
    """A withdrawal that was accepted."""
    claim = await team.file(order=SOLD_AT_A_DISTANCE, lines=[line(**SHIRT), line(**SHIRT)])
    await team.done("agent", claim, "accept_withdrawal")
    return claim


async def looked_after(team: Team) -> Claim:
    """Held, released, held again, noted and assigned; it seems to repeat another one."""
    order = {"ref": "twice", "purchased_on": "2026-03-02"}
    for _ in range(2):
        claim = await team.file(order=order)
    held = await team.done("agent", claim, "hold", kind="recall", reason="This batch is looked at.")
    hold = next(each["id"] for each in held["holds"] if each["kind"] == "recall")
    await team.done("agent", claim, "release", hold=hold, reason="It is cleared up.")
    await team.done("agent", claim, "hold", kind="recall", reason="Another batch too.")
    await team.done("agent", claim, "note")
    await team.done("agent", claim, "assign")
    return claim


async def redrafted(team: Team) -> Claim:
    """A draft saved twice, then submitted."""
    claim = await team.file(draft=True)
    client = await team.of("storefront")
    issue = {"code": "leak", "description": "It drips."}
    again = {"region": "FR", "customer": {"ref": "c-78"}, "lines": [line(issue=issue, serial_numbers=["SN-9"])]}
    answer = await client.put(f"/v1/claims/{claim['id']}", json=again | {"draft": True})
    assert answer.status_code == 200, answer.text
    await team.done("storefront", claim, "submit")
    return claim


async def sent_back(team: Team) -> Claim:
    """Its goods came to us, were looked at and paid back; two carriers told of the parcel, and not in order."""
    depot, tracking, second = Depot(team), number(), number()
    claim = await depot.awaiting(lines=[line(requested_remedy="refund")])
    parcel = await depot.register(claim, tracking, second)
    await depot.tell(said(tracking, "delivered", 30), said(second, "in_transit", 9), said(tracking, "picked_up", 1))
    await depot.tell(said(number(), "picked_up"))  # nobody has registered this one
    receipt = await depot.receipt(parcel, "as_expected", note="The lid is loose.")
    assert receipt.status_code == 200, receipt.text
    found = {"position": 1, "grade": "broken", "cause": "manufacturing", "note": "It does not heat."}
    await team.done("agent", claim, "record_findings", findings=[found])
    covered = {"position": 1, "decision": "covered_statutory", "remedy": "refund"}
    await team.done("agent", claim, "approve", lines=[covered])
    await team.done("agent", claim, "resolve")
    return claim


SPECIAL = {
    "mixed": mixed, "refunded": refunded, "withdrawal": withdrawn_from, "looked_after": looked_after,
    "redrafted": redrafted, "sent_back": sent_back,
}  # fmt: skip


async def of_every_kind(team: Team) -> dict[str, Claim]:
    """A claim in every status and of every special kind, by its name."""
    claims = {status: await team.brought_to(status) for status in PATHS}
    return claims | {name: await make(team) for name, make in SPECIAL.items()}
