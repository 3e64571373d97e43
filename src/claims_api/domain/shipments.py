"""What a carrier or partner says about a parcel: one update, when two of them are the same, and whose parcel it is."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from claims_api.domain.answers import Json
from claims_api.domain.chain import hash_of
from claims_api.domain.shipment_words import DelayCause, ProofType, ShipmentCondition, ShipmentStatus, Substatus
from claims_api.domain.wire import instant_text, optional

LONGEST_NUMBER = 64
NAMES_KNOWN = 4096  # each is asked for several times in one batch
CLOCKS_MAY_DIFFER = timedelta(hours=24)

_SAME_CAPITALS = str.maketrans(
    # Cyrillic and Greek capitals that nobody can tell from a Latin one.
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u051a\u051c"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYX",
)
_OFFSET = re.compile(r"([+-])(\d{2}):?([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParcelKey:
    """What a parcel is found by. The partner comes first: no spelling of a number leads to another one's parcel."""

    partner: str
    carrier: str
    number: str


@dataclass(frozen=True, slots=True)
class Eta:
    """When it should arrive: as likely as not, almost surely, and as first promised. Raises: as `Update`."""

    p50: datetime | None = None
    p90: datetime | None = None
    original: datetime | None = None

    def __post_init__(self) -> None:
        """Refuses a wall clock, which would be found out only when the parcel is folded."""
        for at in (self.p50, self.p90, self.original):
            if at is not None:
                _in_utc(at)


@dataclass(frozen=True, slots=True)
class Proof:
    """How the handing over is shown; `url` and `signed_by` are personal."""

    type: ProofType
    url: str | None = None
    signed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One thing said about a parcel. What is None was not said.

    `sender_event_id` names the scan; the id of a webhook that carries several scans is none. A carrier's wall clock is
    kept as `local_time` with its `zone` (a name of the time zone database, or an offset like `+02:00`), `occurred_at`
    being the instant that follows. Raises: ValueError for an instant without a zone, or one that does not follow.
    """

    carrier: str
    tracking_number: str
    occurred_at: datetime
    received_at: datetime
    status: ShipmentStatus
    sender_event_id: str | None = None
    local_time: datetime | None = None
    zone: str | None = None
    substatus: Substatus | None = None
    condition: ShipmentCondition | None = None
    delay: DelayCause | None = None
    eta: Eta | None = None
    proof: Proof | None = None
    location: str | None = None
    raw_code: str | None = None

    def __post_init__(self) -> None:
        """Refuses a wall clock that passes for an instant."""
        occurred_at, _ = _in_utc(self.occurred_at), _in_utc(self.received_at)
        if self.local_time and (not self.zone or instant_of(self.local_time, self.zone) != occurred_at):
            raise ValueError("the instant is not what the wall clock showed in its zone")


def instant_of(local_time: datetime, zone: str) -> datetime:
    """The instant at which clocks of the zone showed a time; of an hour that comes twice, the first.

    Raises: ValueError for a zone nobody knows, or a time that has one already.
    """
    if local_time.tzinfo is not None:
        raise ValueError("a wall clock shows no zone")
    return _in_utc(local_time.replace(tzinfo=_zone(zone), fold=0))


def is_from_the_future(update: Update) -> bool:
    """It claims to have happened a day or more after we heard of it: kept, it would outrank all that is true."""
    return update.occurred_at - update.received_at >= CLOCKS_MAY_DIFFER


@lru_cache(maxsize=NAMES_KNOWN)
def canonical_number(text: str) -> str:
    """A tracking number as we compare it: capitals and digits of ASCII, however it was typed or printed.

    Spaces, hyphens and other marks go; full-width and look-alike letters become the plain ones. O and 0, I and 1 stay
    apart: carriers use both. Raises: ValueError for a letter that is none of ASCII's, for nothing and for too much.
    """
    number = "".join(_plain(character) for character in unicodedata.normalize("NFKD", text))
    if not number.isascii() or not 0 < len(number) <= LONGEST_NUMBER:
        raise ValueError(f"a tracking number is 1 to {LONGEST_NUMBER} letters and digits")
    return number


@lru_cache(maxsize=NAMES_KNOWN)
def canonical_carrier(text: str) -> str:
    """A carrier's name as we compare it: small letters and digits (`DHL Express` is `dhlexpress`)."""
    small = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in small if character.isalnum())


def parcel_key(partner: str, carrier: str, tracking_number: str) -> ParcelKey:
    """Whose parcel an update is about; the partner is our own id of whoever sent it. Raises: as `canonical_number`."""
    return ParcelKey(partner, canonical_carrier(carrier), canonical_number(tracking_number))


@dataclass(frozen=True, slots=True)
class Hashes:
    """What tells updates apart: what was seen, under which id of the sender, and all that was said."""

    content: str
    dedupe: str
    statement: str

    @classmethod
    def of(cls, update: Update) -> "Hashes":
        """Computed once and kept: a parcel is folded anew with each of its updates."""
        content = content_hash(update)
        return cls(content, _dedupe_key(update, content), _statement_hash(update, content))


def content_hash(update: Update) -> str:
    """What makes two updates one: carrier, number, instant, the sender's code and the place.

    Who has no codes of its own says the same with our words, which then stand for the code.
    """
    words = f"{update.status}/{update.substatus}/{update.condition}/{update.delay}"
    return hash_of(
        {
            **_parcel(update),
            "occurred_at": instant_text(_in_utc(update.occurred_at)),
            "code": ["theirs", update.raw_code] if update.raw_code else ["ours", words],
            "location": optional(_place, update.location),
        }
    )


def dedupe_key(update: Update) -> str:
    """Equal for repeats: the sender's own id for the scan, kept apart by parcel, or else what was said.

    It is unique per partner only: two partners may well use one id.
    """
    return _dedupe_key(update, "" if update.sender_event_id else content_hash(update))


def statement_hash(update: Update) -> str:
    """All that an update says of its parcel; neither when we heard it nor under which id."""
    return _statement_hash(update, content_hash(update))


def _dedupe_key(update: Update, content: str) -> str:
    if not update.sender_event_id:
        return f"content:{content}"
    return f"sender:{hash_of({**_parcel(update), 'event_id': update.sender_event_id})}"


def _statement_hash(update: Update, content: str) -> str:
    eta, proof = update.eta or Eta(), update.proof
    return hash_of(
        {
            "content": content,
            "words": [update.status, update.substatus, update.condition, update.delay],
            "eta": [optional(instant_text, at) for at in (eta.p50, eta.p90, eta.original)],
            "proof": [proof.type, proof.url, proof.signed_by] if proof else None,
        }
    )


def _parcel(update: Update) -> dict[str, Json]:
    return {"carrier": canonical_carrier(update.carrier), "number": canonical_number(update.tracking_number)}


def _place(location: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", location).casefold().split())


def _plain(character: str) -> str:
    """A character of a number in ASCII; nothing for a mark; itself where it is neither."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if not character.isalpha():
        return character if unicodedata.category(character).startswith("N") else ""
    return character.upper().translate(_SAME_CAPITALS)


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a wall clock is no instant without its zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of the years a date can have") from error


def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    try:
        if offset is None:
            return ZoneInfo(name)
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such zone") from error
