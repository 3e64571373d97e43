"""Tracking tokens: the customer on one claim. Opaque, nothing stored but the claim's epoch; a higher epoch revokes."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from claims_api.kit import ids

PREFIX = "trk"
_NAMES_LENGTH = 52  # tenant and claim, 256 bits in base32
_MAC_BYTES = 24


@dataclass(frozen=True)
class TrackingToken:
    """What a token text says it is; `mac` proves it against the claim's epoch."""

    tenant_id: UUID
    claim_id: UUID
    mac: str

    def is_of(self, epoch: int, secret: bytes) -> bool:
        """Whether we issued it, and no newer one since."""
        return hmac.compare_digest(self.mac, _mac(secret, self.tenant_id, self.claim_id, epoch))


def write_token(tenant_id: UUID, claim_id: UUID, epoch: int, secret: bytes) -> str:
    """The token of a claim at an epoch; the same each time, so a replayed answer can show it again."""
    names = ids.base32(tenant_id.int << 128 | claim_id.int, _NAMES_LENGTH)
    return f"{PREFIX}_{names}_{_mac(secret, tenant_id, claim_id, epoch)}"


def parse_token(text: str) -> TrackingToken | None:
    """Splits `trk_<tenant and claim>_<mac>`; None when the form is wrong."""
    prefix, _, rest = text.partition("_")
    names, _, mac = rest.partition("_")
    if prefix != PREFIX or len(names) != _NAMES_LENGTH:
        return None
    number = ids.unbase32(names)
    if number is None or number >> 256:
        return None
    return TrackingToken(UUID(int=number >> 128), UUID(int=number & ((1 << 128) - 1)), mac)


def _mac(secret: bytes, tenant_id: UUID, claim_id: UUID, epoch: int) -> str:
    about = b"\0".join((b"tracking", tenant_id.bytes, claim_id.bytes, str(epoch).encode()))
    return urlsafe_b64encode(hmac.digest(secret, about, hashlib.sha256)[:_MAC_BYTES]).decode()
