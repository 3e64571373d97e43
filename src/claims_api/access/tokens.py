"""Tracking tokens: the customer on one claim. Opaque, nothing stored but the claim's epoch; a higher epoch revokes."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from claims_api.kit import ids

PREFIX = "trk"
_MAC_BYTES = 24


@dataclass(frozen=True)
class TrackingToken:
    """What a token text says it is; `mac` proves it against the claim's epoch."""

    tenant_id: UUID
    claim_id: UUID
    mac: str

    def is_of(self, epoch: int, secret: bytes) -> bool:
        """Whether we issued it, and no newer one since."""
        real = _mac(secret, self.tenant_id, self.claim_id, epoch)
        return hmac.compare_digest(self.mac.encode(), real.encode())  # texts are refused beyond ASCII


def write_token(tenant_id: UUID, claim_id: UUID, epoch: int, secret: bytes) -> str:
    """The token of a claim at an epoch; the same each time, so a replayed answer can show it again."""
    return f"{PREFIX}_{ids.encode_pair(tenant_id, claim_id)}_{_mac(secret, tenant_id, claim_id, epoch)}"


def parse_token(text: str) -> TrackingToken | None:
    """Splits `trk_<tenant and claim>_<mac>`; None when the form is wrong."""
    prefix, _, rest = text.partition("_")
    names, _, mac = rest.partition("_")
    pair = ids.decode_pair(names) if prefix == PREFIX else None
    return TrackingToken(*pair, mac) if pair else None


def _mac(secret: bytes, tenant_id: UUID, claim_id: UUID, epoch: int) -> str:
    about = b"\0".join((b"tracking", tenant_id.bytes, claim_id.bytes, str(epoch).encode()))
    return urlsafe_b64encode(hmac.digest(secret, about, hashlib.sha256)[:_MAC_BYTES]).decode()
