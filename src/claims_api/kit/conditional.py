"""Conditional reads (RFC 9110, section 13): an answer with its entity tag, or 304 for whoever has it already."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Header, Response

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETags of answers you have, with commas between them, or `*`: one that still fits answers 304.",
        examples=['"3.staff-agent.en-GB"'],
    ),
]
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}


def fresh_for(seconds: int) -> dict[str, str]:
    """The headers of an answer its own caller may use again for so long, unasked; nobody else may be given it.

    Source: RFC 9111, sections 3.5 and 5.2.2.7; docs/decisions/0006-caching-the-lookup.md.
    """
    return {"Cache-Control": f"private, max-age={seconds}", "Vary": "Authorization"}


def known_etags(if_none_match: str | None) -> tuple[str, ...]:
    """The entity tags a caller has; weak and strong compare alike here (section 13.1.2)."""
    return tuple(part.strip().removeprefix("W/") for part in (if_none_match or "").split(",") if part.strip())


def is_known(etag: str, known: tuple[str, ...]) -> bool:
    """Whether the caller has this very answer; `*` stands for any."""
    return etag in known or "*" in known


def answer_tagged(etag: str, body: bytes | None, caching: Mapping[str, str] = PRIVATE) -> Response:
    """The answer with its tag; without a body, 304."""
    headers = {**caching, "ETag": etag}
    if body is None:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
