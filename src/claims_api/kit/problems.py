"""Problem documents (RFC 9457): every 4xx and 5xx of the service is one of these classes."""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20


@dataclass(frozen=True)
class InputError:
    """One fault of the input. `pointer` is an RFC 6901 pointer into the body, or `query:name`, `header:name`."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """An expected failure. The docstring says what it means; `way_out` says what the caller can do."""

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    way_out: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: tuple[InputError, ...] = (),
        headers: dict[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail or self.title
        self.errors = errors[:MAX_ERRORS]
        self.headers = headers or {}
        self.members = members

    def document(self, public_url: str, request_id: str, trace_id: str) -> dict[str, object]:
        """The JSON object; it never repeats a value the caller sent."""
        found: dict[str, object] = {
            "type": f"{public_url}/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
            "trace_id": trace_id,
            "retryable": self.retryable,
        }
        if self.errors:
            found["errors"] = [asdict(error) for error in self.errors]
        return found | self.members | found  # a member never replaces one of the contract

    def body(self, public_url: str, request_id: str, trace_id: str) -> bytes:
        """The document as bytes."""
        return json.dumps(self.document(public_url, request_id, trace_id), ensure_ascii=False).encode()


def known_problems() -> dict[str, type[Problem]]:
    """Every problem the loaded service can answer, by code."""
    found: dict[str, type[Problem]] = {}
    waiting = [Problem]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if "code" in vars(kind):
                found[kind.code] = kind
    return dict(sorted(found.items()))


def statuses_of(kind: type[Problem]) -> list[int]:
    """Every status a code comes with: a subclass without a code of its own answers it with another."""
    return sorted({kind.status} | {other.status for other in kind.__subclasses__() if "code" not in vars(other)})


class MalformedJson(Problem):
    """The body is not JSON by RFC 8259: bad UTF-8, a syntax error, NaN or Infinity, or the same key twice."""

    code, title, status = "malformed-json", "The body is not valid JSON.", 400
    way_out = "Send UTF-8 JSON; numbers finite, each key once."


class MalformedHeader(Problem):
    """A header is present but cannot be read."""

    code, title, status = "malformed-header", "A header cannot be read.", 400
    way_out = "See errors[].pointer for the header and the form it needs."


class Unauthenticated(Problem):
    """No credential, or one that is unknown, expired or revoked; which of these is not said."""

    code, title, status = "unauthenticated", "A valid credential is needed.", 401
    way_out = "Send `Authorization: Bearer <key>` with a live key."


class ScopeMissing(Problem):
    """The credential is good but lacks the scope of this operation, named in `required_scope`."""

    code, title, status = "scope-missing", "The credential lacks the scope for this.", 403
    way_out = "Use a key with the scope named in `required_scope`."


class NotFound(Problem):
    """Nothing here for this caller. Another tenant's id answers exactly like an id that does not exist."""

    code, title, status = "not-found", "There is nothing here.", 404
    way_out = "Check the path and the id, and that the key belongs to the right tenant."


class MethodNotAllowed(Problem):
    """The path exists, the method does not; the `Allow` header lists those that do."""

    code, title, status = "method-not-allowed", "This method is not offered here.", 405
    way_out = "Use one of the methods in the `Allow` header."


class NotAcceptable(Problem):
    """`Accept` leaves no form this operation can answer in."""

    code, title, status = "not-acceptable", "The answer cannot be given in the form asked for.", 406
    way_out = "Accept application/json."


class ResourceBusy(Problem):
    """Another request holds what this one needs, longer than we wait."""

    code, title, status, retryable = "resource-busy", "Another request is changing this right now.", 409, True
    way_out = "Wait for the seconds in `Retry-After`, then send the same request again."


class RequestInFlight(Problem):
    """A request with the same idempotency key is still running."""

    code, title, status, retryable = "request-in-flight", "The same request is still being worked on.", 409, True
    way_out = "Wait for the seconds in `Retry-After`, then send the same request again."


class PreconditionFailed(Problem):
    """`If-Match` names a version that is no longer the current one."""

    code, title, status = "precondition-failed", "The resource has changed since you read it.", 412
    way_out = "Read it again, decide again, and send the new ETag in `If-Match`."


class BodyTooLarge(Problem):
    """The body is larger than this operation takes."""

    code, title, status = "body-too-large", "The body is too large.", 413
    way_out = "Send at most the number of bytes in `limit_bytes`."


class UnsupportedMediaType(Problem):
    """The body is not `application/json` in UTF-8 without a content encoding."""

    code, title, status = "unsupported-media-type", "The body must be JSON.", 415
    way_out = "Send `Content-Type: application/json`, in UTF-8, without Content-Encoding."


class InvalidRequest(Problem):
    """The request can be read but not used; `errors` has a pointer and a sentence for each fault."""

    code, title, status = "invalid-request", "The request cannot be used as it is.", 422
    way_out = "Correct the places in errors[].pointer and send it again."


class IdempotencyKeyReused(Problem):
    """The idempotency key was used before, for another request."""

    code, title, status = "idempotency-key-reused", "This idempotency key belongs to another request.", 422
    way_out = "Use a new key for a new request, the same key only for the same bytes."


class TooManyRequests(Problem):
    """The calls of this key or tracking token are used up for now, or too many bad credentials were tried."""

    code, title, status, retryable = "too-many-requests", "Too many requests.", 429, True
    way_out = "Wait for the seconds in `Retry-After`, and pace by the `RateLimit` header of every answer."


class InternalFault(Problem):
    """A fault of ours. Nothing was stored, unless the answer to an earlier try says so."""

    code, title, status, retryable = "internal-fault", "Something went wrong on our side.", 500, True
    way_out = "Try again with the same Idempotency-Key; if it stays, tell us the request_id."


class Unavailable(Problem):
    """The database is away or every connection is in use."""

    code, title, status, retryable = "unavailable", "The service cannot answer right now.", 503, True
    way_out = "Wait for the seconds in `Retry-After`, then send the same request again."
