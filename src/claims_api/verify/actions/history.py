"""The log of a claim: gapless, chained, and what it tells of is what is stored."""

from collections.abc import Iterator

from claims_api.domain.chain import check_chain
from claims_api.verify.actions.comparing import differences
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation

SEQ_GAP = Kind("seq-gap", "An event is not the next of its stream.")
LINK_BROKEN = Kind("link-broken", "An event does not carry the hash of the one before it.")
HASH_WRONG = Kind("hash-wrong", "An event is not what was sealed: its hash is another one.")
TAIL_CUT = Kind("tail-cut", "The log does not end with the event whose hash the claim keeps.")
UNREADABLE = Kind("event-unreadable", "An event is none that could have been written here.")
STATE_DIFFERS = Kind("state-differs", "The stored claim is not the one its log tells of.")
TIMES_DIFFER = Kind("times-differ", "A claim was made with its first event and changed with its last.")

_FAULTS = {kind.code: kind for kind in (SEQ_GAP, LINK_BROKEN, HASH_WRONG, TAIL_CUT)}


def is_chained(read: ReadClaim) -> Iterator[Violation]:
    """`seq` runs from 1, each event holds the hash of the one before, and the claim that of the last one."""
    try:
        faults = check_chain(read.log, read.stored.head_hash)
    except TypeError as error:  # a float, say: nothing that was ever sealed
        yield UNREADABLE.at(read.id, str(error))
        return
    for fault in faults:
        yield _FAULTS[fault.code].at(f"{read.id} seq {fault.seq}")


def is_its_log(read: ReadClaim) -> Iterator[Violation]:
    """The log, folded, is the stored claim: all of it, whatever a claim will once own."""
    if len(read.states) < len(read.log):
        yield UNREADABLE.at(read.place(read.log[len(read.states)]), "it cannot follow what came before it")
        return
    told = read.states[-1] if read.states else None
    paths = list(differences(told, read.stored.claim))
    if paths:
        yield STATE_DIFFERS.at(read.id, ", ".join(paths))


def has_its_times(read: ReadClaim) -> Iterator[Violation]:
    """Nothing changes a claim but events."""
    if not read.log:
        return  # said already: the chain does not end where it should
    said = {"created_at": read.log[0].recorded_at, "updated_at": read.log[-1].recorded_at}
    wrong = [name for name, at in said.items() if getattr(read.stored, name) != at]
    if wrong:
        yield TIMES_DIFFER.at(read.id, ", ".join(wrong))


FAMILY = Family(
    "the log of each claim: gapless, chained, and its sum is the stored claim",
    (SEQ_GAP, LINK_BROKEN, HASH_WRONG, TAIL_CUT, UNREADABLE, STATE_DIFFERS, TIMES_DIFFER),
    of_claim=(is_chained, is_its_log, has_its_times),
)
