"""A batch of updates: each has a result of its own, and one that cannot be used refuses no other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from claims_api.kit import clock, database
from tests.support.claims import key
from tests.support.parcels import Depot, Parcel, number, said

PATH = "/v1/shipment-updates"
SECRET = "zzqx"
"""Part of every value that is refused here, and of no answer."""


async def told_as_owner(owner: database.Database, depot: Depot, tracking: str) -> list[dict[str, Any]]:
    """The stored updates of a number, in the order they happened."""
    statement = text(
        "SELECT * FROM shipment_updates WHERE tenant_id = :tenant AND number = :number ORDER BY occurred_at, status"
    )
    async with owner.transaction(depot.team.tenant.id) as db:
        given = {"tenant": depot.team.tenant.id, "number": tracking}
        return [dict(row._mapping) for row in await db.execute(statement, given)]


@pytest.mark.parametrize(("size", "status"), [(0, 422), (1, 200), (500, 200), (501, 422)])
async def test_a_batch_has_one_to_500_updates(depot: Depot, size: int, status: int) -> None:
    tracking, partner = number(), await depot.partner()
    updates = [said(tracking, "in_transit", hour) for hour in range(size)]

    answer = await partner.post(PATH, json={"updates": updates})

    assert answer.status_code == status
    if status == 200:
        assert [each["index"] for each in answer.json()["results"]] == list(range(size))
    else:
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/updates"]


def changed(**members: Any) -> Parcel:
    """A good update but for these members; one that is None is left out."""
    update = said(number(), "in_transit") | members
    return {name: value for name, value in update.items() if value is not None}


IN_TWO_DAYS = (clock.now() + timedelta(days=2)).isoformat().replace("+00:00", "Z")
REFUSED: dict[str, tuple[Any, str, str]] = {
    "no time at all": (changed(occurred_at=None), "/occurred_at", "missing"),
    "a local time without its zone": (
        changed(occurred_at=None, local_time="2026-11-02T09:00:00"), "/zone", "missing"
    ),
    "a zone nobody knows": (
        changed(occurred_at=None, local_time="2026-11-02T09:00:00", zone=f"Europe/{SECRET}"), "/zone", "zone-unknown"
    ),
    "a zone that is a path": (
        changed(occurred_at=None, local_time="2026-11-02T09:00:00", zone="../../etc/passwd"), "/zone", "zone-unknown"
    ),
    "a local time with a zone of its own": (
        changed(occurred_at=None, local_time="2026-11-02T09:00:00+01:00", zone="Europe/Berlin"),
        "/local_time", "local-time-malformed",
    ),
    "a local day without an hour": (
        changed(occurred_at=None, local_time="2026-11-02", zone="Europe/Berlin"),
        "/local_time", "local-time-malformed",
    ),
    "a local time before all calendars of ours": (
        changed(occurred_at=None, local_time="0001-01-01T00:00:00", zone="+14:00"),
        "/local_time", "local-time-out-of-range",
    ),
    "an instant without a zone": (changed(occurred_at="2026-11-02T09:00:00"), "/occurred_at", "instant-malformed"),
    "an instant that is a number": (changed(occurred_at=1_762_000_000), "/occurred_at", "instant-malformed"),
    "an instant of no calendar": (changed(occurred_at="2026-02-30T09:00:00Z"), "/occurred_at", "instant-malformed"),
    "the day after tomorrow": (changed(occurred_at=IN_TWO_DAYS), "/occurred_at", "in-the-future"),
    "no number": (changed(tracking_number=None), "/tracking_number", "missing"),
    "a number of marks": (changed(tracking_number="- - -"), "/tracking_number", "tracking-number-malformed"),
    "a number in Chinese": (changed(tracking_number="SW\u4e00"), "/tracking_number", "tracking-number-malformed"),
    "a number that is a number": (changed(tracking_number=12345), "/tracking_number", "string-type"),
    "a number too long": (changed(tracking_number=SECRET * 20), "/tracking_number", "tracking-number-malformed"),
    "a carrier of marks": (changed(carrier="!?"), "/carrier", "carrier-malformed"),
    "a carrier too long": (changed(carrier=SECRET * 30), "/carrier", "string-too-long"),
    "no status": (changed(status=None), "/status", "missing"),
    "a status that is a list": (changed(status=["delivered", SECRET]), "/status", "string-type"),
    "an empty status": (changed(status=""), "/status", "text-malformed"),
    "a forecast that is no instant": (changed(eta={"p50": SECRET}), "/eta/p50", "instant-malformed"),
    "a forecast that is a text": (changed(eta=SECRET), "/eta", "model-type"),
    "a proof without its kind": (changed(proof={"signed_by": SECRET}), "/proof/type", "missing"),
    "a proof of a kind nobody knows": (changed(proof={"type": SECRET}), "/proof/type", "enum"),
    "a proof at no address of the web": (
        changed(proof={"type": "photo", "url": f"javascript:{SECRET}()"}), "/proof/url", "url-malformed"
    ),
    "a text": (SECRET, "", "model-type"),
    "nothing": (None, "", "model-type"),
    "a list": ([SECRET], "", "model-type"),
    "an empty object": ({}, "/carrier", "missing"),
}  # fmt: skip


async def test_what_cannot_be_used_is_refused_with_its_reason_and_refuses_nothing_else(depot: Depot) -> None:
    good = said(number(), "in_transit")
    batch = [each for bad, _, _ in REFUSED.values() for each in (bad, good)]
    partner = await depot.partner()

    answer = await partner.post(PATH, json={"updates": batch})

    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    found = {
        name: (bad["result"], bad.get("pointer"), bad.get("reason"))
        for name, bad in zip(REFUSED, results[::2], strict=True)
    }
    assert found == {
        name: ("rejected", f"/updates/{2 * place}{pointer}", reason)
        for place, (name, (_, pointer, reason)) in enumerate(REFUSED.items())
    }
    assert [each["result"] for each in results[1::2]] == ["unmatched"] + ["duplicate"] * (len(REFUSED) - 1)
    assert all(each["detail"] for each in results[::2])
    assert SECRET not in answer.text
    assert "Heard" not in answer.text, "a sentence names a class of ours"


async def test_a_batch_that_is_no_list_is_refused_whole(depot: Depot) -> None:
    partner = await depot.partner()
    bodies: list[Any] = [{}, [], {"updates": {}}, {"updates": [said(number(), "lost")], "x": 1}]

    answers = [await partner.post(PATH, json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [422] * 4


async def test_words_nobody_knows_are_read_as_unknown_or_left_out_and_members_nobody_knows_are_ignored(
    depot: Depot, owner: database.Database
) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)
    odd = {"condition": "soggy", "delay": "strike", "teleported": True, "substatus": "floating"}

    results = await depot.tell(said(tracking, "in_transit", 1), said(tracking, "Teleported", 2, **odd))

    assert [each["result"] for each in results] == ["accepted", "accepted"]
    shown = await depot.read(parcel)
    assert (shown["status"], shown["condition"], shown["delay"]["cause"]) == ("in_transit", "ok", "unspecified")
    row = (await told_as_owner(owner, depot, tracking))[-1]
    assert (row["status"], row["raw_code"], row["condition"], row["substatus"]) == ("unknown", "Teleported", None, None)


async def test_a_substatus_of_another_status_is_left_out(depot: Depot) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)

    await depot.tell(said(tracking, "in_transit", 1, substatus="reception"))

    assert (await depot.read(parcel))["substatus"] is None


async def test_an_exact_repeat_is_a_duplicate_within_a_batch_and_across_batches(depot: Depot) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)
    update = said(tracking, "in_transit", 1)

    first = await depot.tell(update, update)
    second = await depot.tell(update)

    assert first == [
        {"index": 0, "result": "accepted", "shipment_id": parcel["id"]},
        {"index": 1, "result": "duplicate", "shipment_id": parcel["id"]},
    ]
    assert second == [{"index": 0, "result": "duplicate", "shipment_id": parcel["id"]}]


async def test_one_id_or_one_scan_with_other_words_is_kept_and_its_repeat_is_not(depot: Depot) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)
    seen = said(tracking, "in_transit", 1, event_id="scan-1", raw_code="IT")
    other_place = said(tracking, "customs", 2, event_id="scan-1")
    other_words = said(tracking, "in_transit", 1, raw_code="IT", condition="damaged")

    results = [await depot.tell(each) for each in (seen, other_place, other_words) * 2]

    assert [each[0]["result"] for each in results] == ["accepted"] * 3 + ["duplicate"] * 3
    shown = await depot.read(parcel)
    assert (shown["status"], shown["condition"]) == ("customs", "damaged")
    assert [each["code"] for each in shown["anomalies"]] == ["repeat_differs"]


async def test_a_retry_under_the_same_key_answers_the_same_bytes_and_another_body_is_refused(depot: Depot) -> None:
    tracking, partner, headers = number(), await depot.partner(), key()
    await depot.register(await depot.awaiting(), tracking)
    body = {"updates": [said(tracking, "in_transit", 1)]}

    first = await partner.post(PATH, json=body, headers=headers)
    again = await partner.post(PATH, json=body, headers=headers)
    other = await partner.post(PATH, json={"updates": [said(tracking, "customs", 2)]}, headers=headers)

    assert (first.status_code, first.json()["results"][0]["result"]) == (200, "accepted")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert "idempotent-replayed" not in first.headers
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_number_takes_a_thousand_updates_and_then_says_so(depot: Depot) -> None:
    tracking = number()
    told = [said(tracking, "in_transit", 1, event_id=str(each)) for each in range(1_000)]
    await depot.tell(*told[:500])
    await depot.tell(*told[500:])

    more, known, other = await depot.tell(
        said(tracking, "delivered", 9), told[0], said(number(), "in_transit")
    )  # fmt: skip

    assert (more["result"], more["reason"]) == ("rejected", "too-many-updates")
    assert more["pointer"] == "/updates/0/tracking_number"
    assert known["result"] == "duplicate"
    assert other["result"] == "unmatched"


WALL_CLOCKS = {
    "summer": ("2026-07-01T10:00:00", "Europe/Berlin", "2026-07-01T08:00:00"),
    "an hour that comes twice is the first": ("2025-10-26T02:30:00", "Europe/Berlin", "2025-10-26T00:30:00"),
    "an offset": ("2026-07-01T10:00:00", "-05:30", "2026-07-01T15:30:00"),
    "fractions of a second": ("2026-07-01T10:00:00.25", "Asia/Tokyo", "2026-07-01T01:00:00.250000"),
}


@pytest.mark.parametrize(("shown", "zone", "instant"), WALL_CLOCKS.values(), ids=WALL_CLOCKS)
async def test_a_wall_clock_is_kept_with_its_zone_and_read_as_the_instant_it_showed(
    depot: Depot, owner: database.Database, shown: str, zone: str, instant: str
) -> None:
    tracking = number()

    await depot.tell(changed(tracking_number=tracking, occurred_at=None, local_time=shown, zone=zone))

    (row,) = await told_as_owner(owner, depot, tracking)
    assert (row["local_time"], row["zone"]) == (datetime.fromisoformat(shown).isoformat(), zone)
    assert row["occurred_at"] == datetime.fromisoformat(instant).replace(tzinfo=UTC)


async def test_an_instant_outweighs_a_wall_clock_that_comes_with_it(depot: Depot, owner: database.Database) -> None:
    tracking = number()

    await depot.tell(said(tracking, "in_transit", 1, local_time="2026-01-01T00:00:00", zone="Mars/Olympus"))

    (row,) = await told_as_owner(owner, depot, tracking)
    assert (row["local_time"], row["zone"]) == (None, None)
    assert row["occurred_at"] == datetime(2026, 11, 2, 9, tzinfo=UTC)


async def test_a_stored_wall_clock_stays_readable_when_the_rules_of_its_zone_change(
    depot: Depot, owner: database.Database
) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)
    shown = {"occurred_at": None, "local_time": "2026-07-01T10:00:00", "zone": "Europe/Berlin"}
    await depot.tell(changed(tracking_number=tracking, **shown))
    async with owner.transaction(depot.team.tenant.id) as db:  # as if the zone had had another rule in those days
        moved = "UPDATE shipment_updates SET zone = 'Europe/Gone' WHERE tenant_id = :tenant AND number = :number"
        await db.execute(text(moved), {"tenant": depot.team.tenant.id, "number": tracking})

    results = await depot.tell(said(tracking, "customs", 5))

    assert results[0]["result"] == "accepted"
    assert (await depot.read(parcel))["status"] == "customs"
