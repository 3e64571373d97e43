"""Whose parcel an update is about: found by partner, carrier and number, and by no spelling of another one's."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims_api.access import actions
from claims_api.access.scopes import Role
from tests.conftest import client_of
from tests.support.claims import key
from tests.support.parcels import Depot, Parcel, number, said

RIVAL = "rival"
NOWHERE = "shp_00000000000000000000000000"
PATH = "/v1/shipment-updates"


async def add(depot: Depot, parcel: Parcel, tracking: str, carrier: str = "Local Post") -> httpx.Response:
    """What adding a number to a parcel answers."""
    client = await depot.team.of("agent")
    body = {"carrier": carrier, "number": tracking}
    return await client.post(f"/v1/shipments/{parcel['id']}/tracking-numbers", json=body, headers=key())


async def test_a_parcel_handed_over_to_another_carrier_is_one_parcel_with_two_numbers(depot: Depot) -> None:
    claim, first, second = await depot.awaiting(), number(), number()
    parcel = await depot.register(claim, first)
    await depot.tell(said(first, "in_transit", 1))

    added = await add(depot, parcel, second)
    results = await depot.tell(said(first, "in_transit", 2), said(second, "delivered", 3, carrier="LOCAL post"))

    assert added.status_code == 201, added.text
    assert [each["number"] for each in added.json()["tracking_numbers"]] == [second, first]
    assert [each["shipment_id"] for each in results] == [parcel["id"]] * 2
    assert (await depot.read(parcel))["status"] == "delivered"
    assert (await depot.team.read(claim))["status"] == "under_inspection"


async def test_what_was_said_of_a_number_before_it_is_added_counts_at_once(depot: Depot) -> None:
    claim, second = await depot.awaiting(), number()
    parcel = await depot.register(claim, number())
    early = await depot.tell(said(second, "delivered", 3, carrier="Local Post"))

    added = await add(depot, parcel, second)

    assert early == [{"index": 0, "result": "unmatched"}]
    assert added.json()["status"] == "delivered"
    assert (await depot.team.read(claim))["status"] == "under_inspection"


async def test_a_number_added_twice_is_there_once(depot: Depot) -> None:
    tracking = number()
    parcel = await depot.register(await depot.awaiting(), tracking)

    again = await add(depot, parcel, tracking.lower(), carrier="SWIFT")

    assert again.status_code == 201
    assert len(again.json()["tracking_numbers"]) == 1


async def test_a_number_of_another_parcel_is_refused_and_says_whose_it_is(depot: Depot) -> None:
    tracking, claim = number(), await depot.awaiting()
    parcel = await depot.register(claim, tracking)
    other = await depot.register(claim, number())

    registered = await depot.try_register(await depot.awaiting(), number(), tracking)
    added = await add(depot, other, tracking, carrier="Swift")

    for answer in (registered, added):
        assert (answer.status_code, answer.json()["code"]) == (409, "tracking-number-taken")
        assert answer.json()["existing"] == parcel["id"]
    assert len((await depot.read(other))["tracking_numbers"]) == 1


async def test_two_partners_may_each_have_a_parcel_of_one_number(depot: Depot) -> None:
    tracking, claim = number(), await depot.awaiting()
    ours = await depot.register(claim, tracking)

    theirs = await depot.register(claim, tracking, partner=RIVAL)
    await depot.tell(said(tracking, "in_transit", 1), partner=RIVAL)

    assert ((await depot.read(ours))["status"], (await depot.read(theirs))["status"]) == ("pending", "in_transit")


NUMBER = "SHXO1-ABCEKMTP90"
SAME = {
    "small letters": "shxo1-abcekmtp90",
    "spaces": " SH XO1 ABC EKM TP90 ",
    "no hyphen": "SHXO1ABCEKMTP90",
    "other marks": "SHXO1/ABCEKMTP.90",
    "full width": "\uff33\uff28\uff38\uff2f\uff11-\uff21\uff22\uff23EKMTP\uff19\uff10",
    "Cyrillic look-alikes": "SHX\u041e1-\u0410\u0412\u0421\u0415\u041a\u041c\u0422\u042090",
    "Greek look-alikes": "SH\u03a7\u039f1-\u0391\u0392C\u0395\u039a\u039c\u03a4\u03a190",
    "zero-width characters": "SHXO1\u200b-ABC\u200dEKM\u2060TP90",
    "letters in circles": "\u24c8\u24bd\u24cdO1-ABCEKMTP90",
    "an accent that goes": "SHXO1-A\u0301BCEKMTP90",
    "bold of mathematics": "\U0001d412\U0001d407XO1-ABCEKMTP90",
    "Arabic digits": "SHXO\u0661-ABCEKMTP\u0669\u0660",
}
OTHERS = {"O for 0": "SHXO1-ABCEKMTP9O", "I for 1": "SHXOI-ABCEKMTP90", "one more": "SHXO1-ABCEKMTP900"}


async def test_every_spelling_of_a_number_finds_its_parcel_and_none_another_partners(depot: Depot) -> None:
    claim = await depot.awaiting()
    parcel = await depot.register(claim, NUMBER)
    before, version = await depot.read(parcel), (await depot.team.read(claim))["version"]

    theirs = await depot.tell(*(said(each, "delivered", 1) for each in SAME.values()), partner=RIVAL)
    untouched = await depot.read(parcel)
    ours = await depot.tell(*(said(each, "in_transit", hour) for hour, each in enumerate(SAME.values())))
    others = await depot.tell(*(said(each, "delivered", 1) for each in OTHERS.values()))

    assert {each["result"] for each in theirs} == {"unmatched", "duplicate"}
    assert all("shipment_id" not in each for each in theirs)
    assert untouched == before
    assert dict(zip(SAME, (each.get("shipment_id") for each in ours), strict=True)) == dict.fromkeys(SAME, parcel["id"])
    assert {each["result"] for each in others} == {"unmatched"}
    assert (await depot.team.read(claim))["version"] == version + 1


BEGINNING = "AOXT71"
ALIKE = {
    "A": "Aa\u0410\u0430\u0391\uff21\u24b6", "O": "Oo\u041e\u043e\u039f\uff2f", "X": "Xx\u0425\u0445\u03a7\uff38",
    "T": "Tt\u0422\u0442\u03a4\uff34", "7": "7\uff17\u0667", "1": "1\uff11\u0661\u00b9",
}  # fmt: skip
MARKS = st.text("- .\u200b\u2060\u00a0/_", max_size=2)


def spelled(plain: str) -> st.SearchStrategy[str]:
    """Ways to write a number: each character as one of its twins, with marks between."""
    parts = [st.tuples(MARKS, st.sampled_from(ALIKE.get(each, each))).map("".join) for each in plain]
    return st.tuples(*parts).map("".join)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(starts=st.lists(spelled(BEGINNING), min_size=1, max_size=5))
async def test_no_spelling_at_all_leads_to_another_partners_parcel(depot: Depot, starts: list[str]) -> None:
    rest = uuid4().hex[:8].upper()
    spellings = [start + rest for start in starts]
    parcel = await depot.register(await depot.team.file(), BEGINNING + rest)
    before = await depot.read(parcel)

    theirs = await depot.tell(*(said(each, "lost", 1) for each in spellings), partner=RIVAL)

    assert {each["result"] for each in theirs} <= {"unmatched", "duplicate"}
    assert await depot.read(parcel) == before
    ours = await depot.tell(*(said(each, "in_transit", 1) for each in spellings))
    assert {each.get("shipment_id") for each in ours} == {parcel["id"]}


async def test_another_partners_parcel_does_not_exist(depot: Depot) -> None:
    claim = await depot.awaiting()
    parcel, rival = await depot.register(claim, number()), await depot.partner(RIVAL)
    answers = []

    for shipment in (parcel["id"], NOWHERE, "shp_x"):
        path, headers = f"/v1/shipments/{shipment}", key()
        answers += [
            await rival.get(path),
            await rival.post(f"{path}/receipt", json={"outcome": "as_expected"}, headers=headers),
            await rival.post(f"{path}/tracking-numbers", json={"carrier": "S", "number": "1"}, headers=headers),
        ]
    listed = await rival.get(f"/v1/claims/{claim['id']}/shipments")

    assert {(each.status_code, each.json()["code"]) for each in (*answers, listed)} == {(404, "not-found")}


async def test_a_partner_on_the_same_claim_sees_its_own_parcels_only(depot: Depot) -> None:
    claim = await depot.awaiting()
    parcel, theirs = await depot.register(claim, number()), await depot.register(claim, number(), partner=RIVAL)
    rival = await depot.partner(RIVAL)

    listed = (await rival.get(f"/v1/claims/{claim['id']}/shipments")).json()["data"]
    read = await rival.get(f"/v1/shipments/{parcel['id']}")

    assert ([each["id"] for each in listed], read.status_code) == ([theirs["id"]], 404)


async def test_a_partner_registers_only_on_claims_it_has_a_parcel_of_and_only_its_own(depot: Depot) -> None:
    claim, foreign = await depot.awaiting(), await depot.awaiting()
    await depot.register(claim, number())
    swift = await depot.partner()

    def body(of: Any, **more: Any) -> Any:
        return {"claim_id": of["id"], "direction": "inbound", "purpose": "return"} | more

    own = await swift.post("/v1/shipments", json=body(claim), headers=key())
    elsewhere = await swift.post("/v1/shipments", json=body(foreign), headers=key())
    nowhere = await swift.post("/v1/shipments", json=body({"id": "clm_x"}), headers=key())
    for_another = await swift.post("/v1/shipments", json=body(claim, partner=RIVAL), headers=key())

    assert (own.status_code, own.json()["partner"]) == (201, "swift")
    assert [each.json()["errors"][0]["code"] for each in (elsewhere, nowhere)] == ["unknown-claim"] * 2
    assert for_another.status_code == 422
    assert for_another.json()["errors"][0]["pointer"] == "/partner"


async def test_a_second_key_of_a_partner_has_the_same_parcels(depot: Depot) -> None:
    claim, tracking, tenant = await depot.awaiting(), number(), depot.team.tenant
    parcel = await depot.register(claim, tracking)
    made = await actions.create_key(tenant.owner, tenant.id, Role.PARTNER, None, partner="swift")

    async with client_of(tenant.app, {"Authorization": f"Bearer {made.credential}"}) as second:
        told = await second.post(PATH, json={"updates": [said(tracking, "in_transit", 1)]})
        read = await second.get(f"/v1/shipments/{parcel['id']}")

    assert told.json()["results"][0]["shipment_id"] == parcel["id"]
    assert read.json()["status"] == "in_transit"


async def test_the_brands_own_parcels_are_told_of_by_its_staff_and_by_no_partner(depot: Depot) -> None:
    claim, tracking, agent = await depot.awaiting(), number(), await depot.team.of("agent")
    parcel = await depot.register(claim, tracking, partner=None)

    by_partner = await depot.tell(said(tracking, "lost", 1))
    by_staff = await agent.post(PATH, json={"updates": [said(tracking, "in_transit", 1)]})

    assert by_partner[0]["result"] == "unmatched"
    assert by_staff.json()["results"] == [{"index": 0, "result": "accepted", "shipment_id": parcel["id"]}]
    assert (await depot.read(parcel))["status"] == "in_transit"


@pytest.mark.parametrize("second", [RIVAL, "swift"])
async def test_one_idempotency_key_of_two_partners_is_two_keys(depot: Depot, second: str) -> None:
    tracking, headers = number(), key()
    await depot.register(await depot.awaiting(), tracking)
    body = {"updates": [said(tracking, "in_transit", 1)]}

    first = await (await depot.partner()).post(PATH, json=body, headers=headers)
    other = await (await depot.partner(second)).post(PATH, json=body, headers=headers)

    is_replay = other.headers.get("idempotent-replayed") == "true"
    assert (first.json()["results"][0]["result"], is_replay) == ("accepted", second == "swift")
    assert (other.content == first.content) is is_replay


async def test_two_partners_with_one_key_and_other_words_both_have_their_answers(depot: Depot) -> None:
    headers, clients = key(), [await depot.partner(), await depot.partner(RIVAL)]

    answers = [
        await client.post(PATH, json={"updates": [said(number(), "in_transit")]}, headers=headers) for client in clients
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
