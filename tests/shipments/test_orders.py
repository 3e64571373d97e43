"""However updates are shuffled, repeated, delayed and split: the parcel is the same, its claim moves once at most."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from claims_api.domain.shipment_words import ShipmentStatus
from tests.support.parcels import Depot, Parcel, number, said

FORGOTTEN = ("id", "claim_id", "tracking_numbers", "created_at", "updated_at", "flags")
"""What differs between two parcels that were told of alike; flags say what a person saw happen, in which order."""
STEPS = ("claim.item_received", "claim.item_lost")
ONE = st.fixed_dictionaries(
    {"status": st.sampled_from([each.value for each in ShipmentStatus]), "hour": st.integers(0, 6)},
    optional={
        "event_id": st.sampled_from("ab"),
        "condition": st.sampled_from(["opened", "damaged"]),
        "delay": st.sampled_from(["weather", "carrier"]),
        "substatus": st.sampled_from(["door", "presumed", "held"]),
    },
)
STORY = st.lists(ONE, min_size=2, max_size=6)


@dataclass(frozen=True)
class Told:
    """The same story as it was told by one partner: batches of places in the story."""

    story: tuple[Parcel, ...]
    batches: tuple[tuple[int, ...], ...]


@st.composite
def tellings(draw: st.DrawFn) -> Told:
    story = draw(STORY)
    places = draw(st.permutations(range(len(story))))
    repeated = places + draw(st.lists(st.sampled_from(places), max_size=3))
    cuts = sorted(draw(st.sets(st.integers(1, len(repeated) - 1), max_size=3)))
    batches = [tuple(repeated[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(repeated)], strict=True)]
    return Told(tuple(story), tuple(batches))


def of(tracking: str, each: Parcel) -> Parcel:
    more = {name: value for name, value in each.items() if name not in ("status", "hour")}
    return said(tracking, each["status"], each["hour"], **more)


@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=tellings())
async def test_a_parcel_and_the_place_of_its_goods_do_not_depend_on_how_they_were_told_of(
    depot: Depot, told: Told
) -> None:
    shown, places, types = [], [], []
    at_once = (tuple(range(len(told.story))),)
    for claim, batches in ((await depot.team.file(), at_once), (await depot.awaiting(), told.batches)):
        tracking = number()
        parcel = await depot.register(claim, tracking)
        for batch in batches:
            await depot.tell(*(of(tracking, told.story[place]) for place in batch))
        shown.append(await depot.read(parcel))
        places.append((await depot.team.read(claim))["goods_with"])
        types += [[each["type"] for each in await depot.team.history(claim)]]

    once, again = [{name: value for name, value in each.items() if name not in FORGOTTEN} for each in shown]
    assert once == again
    assert places[0] == places[1], types
    for each in types:
        assert sum(each.count(step) for step in STEPS) <= 1
        assert each.count("shipment.delivered") <= 1


async def test_a_parcel_lost_and_found_ends_in_one_step_or_calls_a_person(depot: Depot) -> None:
    story = [("picked_up", 0), ("lost", 30), ("in_transit", 40), ("delivered", 50)]
    at_once, tracking_one = await depot.awaiting(), number()
    in_turn, tracking_other = await depot.awaiting(), number()
    one, other = await depot.register(at_once, tracking_one), await depot.register(in_turn, tracking_other)

    await depot.tell(*(said(tracking_one, *each) for each in reversed(story)))
    for each in story:
        await depot.tell(said(tracking_other, *each))

    types = [[each["type"] for each in await depot.team.history(claim)] for claim in (at_once, in_turn)]
    assert [[each for each in one if each in STEPS] for one in types] == [["claim.item_received"], ["claim.item_lost"]]
    assert [(await depot.team.read(claim))["status"] for claim in (at_once, in_turn)] == [
        "under_inspection", "under_review"
    ]  # fmt: skip
    assert [(await depot.read(each))["flags"] for each in (one, other)] == [[], ["contradiction", "found"]]
