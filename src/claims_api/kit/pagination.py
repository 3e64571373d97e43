"""Keyset pagination: opaque cursors, signed and bound to the tenant and the list they came from."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from claims_api.kit.problems import InputError, InvalidRequest

MAX_LIMIT, DEFAULT_LIMIT = 100, 20
_MAC_BYTES = 16

Entry = TypeVar("Entry")
Row = TypeVar("Row")

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many entries at the most.")]
CursorText = Annotated[str, Field(max_length=512, description="The `next_cursor` of the page before.")]


class Page(BaseModel, Generic[Entry]):
    """One page of a list."""

    data: list[Entry] = Field(description="The entries, in the order of the list.")
    next_cursor: str | None = Field(description="Pass it as `cursor` to read on; null on the last page.")


@dataclass(frozen=True)
class CursorBook:
    """Writes and reads the cursors of one list (`name` with its filters) of one tenant."""

    secret: bytes
    tenant_id: UUID
    name: str
    parameter: str = "cursor"

    def write(self, position: str) -> str:
        """The cursor that continues after `position`, a key of the list's order."""
        raw = position.encode()
        return urlsafe_b64encode(self._mac(raw) + raw).decode().rstrip("=")

    def read(self, cursor: str | None) -> str | None:
        """The position to continue after.

        Raises:
            InvalidRequest: it was not issued by us for this list and tenant.
        """
        if cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            if hmac.compare_digest(raw[:_MAC_BYTES], self._mac(raw[_MAC_BYTES:])):
                return raw[_MAC_BYTES:].decode()
        except (NotBase64, ValueError):
            pass
        said = "Not a cursor of this list; start again without one."
        fault = InputError(f"query:{self.parameter}", "cursor-unknown", said)
        raise InvalidRequest(errors=(fault,))

    def _mac(self, raw: bytes) -> bytes:
        about = b"\0".join((b"cursor", self.tenant_id.bytes, self.name.encode(), raw))
        return hmac.digest(self.secret, about, hashlib.sha256)[:_MAC_BYTES]


def cut(rows: Sequence[Row], limit: int, position: Callable[[Row], str]) -> tuple[Sequence[Row], str | None]:
    """Splits `limit + 1` rows into the page and, when there is more, the position after which to read on."""
    if len(rows) <= limit:
        return rows, None
    page = rows[:limit]
    return page, position(page[-1])
