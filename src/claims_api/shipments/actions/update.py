"""A batch of updates: each stored once, folded into its parcel, and told to the claim, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_api.claims.actions.submit import Answered, Filer, answer_again
from claims_api.domain.shipments import ParcelKey
from claims_api.kit import idempotency, ids
from claims_api.kit.idempotency import StoredAnswer
from claims_api.kit.problems import InputError
from claims_api.shipments.actions.judge import Judged, judge
from claims_api.shipments.actions.refold import refold
from claims_api.shipments.queries import parcels
from claims_api.shipments.queries.parcels import Heard, Told
from claims_api.shipments.queries.records import BRAND, Json, update_columns
from claims_api.shipments.schemas.updates import UpdateAnswer, UpdateBatch, UpdatesAnswer
from claims_api.shipments.schemas.words import UpdateResult

MOST_SAID = 1_000
"""Updates kept of one number: a parcel is folded anew with each of them."""


@dataclass(frozen=True)
class _Kept:
    """What became of a batch in the database."""

    heard: Mapping[ParcelKey, Heard]
    fresh: frozenset[Told]
    too_many: frozenset[Told]


async def post_updates(filer: Filer, sent: UpdateBatch) -> Answered:
    """Keeps what can be kept of a batch. The answer is stored under its key with the effect.

    Raises: IdempotencyKeyReused
    """
    tenant_id = filer.caller.tenant_id
    if again := await answer_again(filer):
        return again
    partner = filer.caller.partner or BRAND
    judged = [judge(index, each, partner, filer.now) for index, each in enumerate(sent.updates)]
    kept = await _keep(filer, [each for each in judged if isinstance(each, Judged)])
    news = {ParcelKey(partner, carrier, number) for carrier, number, *_ in kept.fresh}
    moved = {shipment for key in news if (shipment := kept.heard[key].shipment_id)}
    if moved:
        await parcels.lock_claims_of(filer.db, tenant_id, moved)
        await refold(filer.db, filer.caller, moved, filer.now)
    body = UpdatesAnswer(results=_results(judged, kept)).model_dump_json(exclude_none=True).encode()
    await idempotency.keep(filer.db, tenant_id, filer.key, StoredAnswer(filer.key.fingerprint, 200, None, body))
    return Answered(200, body, None)


async def _keep(filer: Filer, judged: Sequence[Judged]) -> _Kept:
    written = {each.key: each.written for each in judged}
    heard = await parcels.hear(filer.db, filer.caller.tenant_id, written, filer.now)
    tenant_id = filer.caller.tenant_id
    fits: dict[Told, Json] = {}
    full: dict[Told, Json] = {}
    for each in judged:
        among = fits if heard[each.key].said < MOST_SAID else full
        among[_told(each)] = update_columns(tenant_id, each.key, each.update, each.hashes)
    fresh = await parcels.keep(filer.db, list(fits.values()))
    known = await parcels.said_before(filer.db, tenant_id, list(full.values()))
    return _Kept(heard, fresh, frozenset(full.keys() - known))


def _results(judged: Sequence[Judged | InputError], kept: _Kept) -> list[UpdateAnswer]:
    """One for each update; of two alike in one batch the second is the duplicate."""
    fresh = set(kept.fresh)
    results = []
    for index, each in enumerate(judged):
        if isinstance(each, InputError):
            results.append(_rejected(index, each))
            continue
        told, shipment_id = _told(each), kept.heard[each.key].shipment_id
        if told in kept.too_many:
            results.append(_rejected(index, _full(index)))
            continue
        shipment = ids.encode("shp", shipment_id) if shipment_id else None
        result = UpdateResult.DUPLICATE
        if told in fresh:
            fresh.discard(told)
            result = UpdateResult.ACCEPTED if shipment else UpdateResult.UNMATCHED
        results.append(UpdateAnswer(index=index, result=result, shipment_id=shipment))
    return results


def _told(judged: Judged) -> Told:
    return judged.key.carrier, judged.key.number, judged.hashes.dedupe, judged.hashes.statement


def _full(index: int) -> InputError:
    said = f"A number of which {MOST_SAID} updates are kept takes no more."
    return InputError(f"/updates/{index}/tracking_number", "too-many-updates", said)


def _rejected(index: int, fault: InputError) -> UpdateAnswer:
    return UpdateAnswer(
        index=index, result=UpdateResult.REJECTED, reason=fault.code, pointer=fault.pointer, detail=fault.detail
    )
