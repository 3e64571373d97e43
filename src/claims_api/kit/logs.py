"""Logs: one JSON object a line, with the request's ids, and without secrets or persons."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import Scope

_ids: ContextVar[tuple[str, str] | None] = ContextVar("request_ids", default=None)
_SECRETS = re.compile(
    r"(?P<key>\bcak_[0-9a-z]{10})[0-9a-zA-Z_-]+"
    r"|(?P<token>\btrk_)[0-9a-zA-Z_.-]+"
    r"|(?P<url>://[^:/\s@]*:)\S+(?=@)"
    r"|(?P<bearer>\b[Bb]earer )\S+"
    r"|(?P<input>'input': |\binput_value=).*"  # how pydantic shows what it refused, our own rows too
    r"|(?P<mail>)[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_log = logging.getLogger("claims_api")
_written = json.JSONEncoder(ensure_ascii=False).encode


def redact(text: str) -> str:
    """Takes keys, tokens, passwords in URLs and e-mail addresses out of a text."""
    return _SECRETS.sub(lambda found: "".join(part or "" for part in found.groups()) + "[redacted]", text)


class JsonLines(logging.Formatter):
    """The formatter behind every line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if ids := _ids.get():
            line |= {"request_id": ids[0], "trace_id": ids[1]}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _written(line if getattr(record, "is_clean", False) else _redacted(line))


def _redacted(value: object) -> object:
    """Redacts texts, not their JSON: an escape beside a secret hides it, and cutting into one breaks the line."""
    if isinstance(value, dict):
        return {redact(str(name)): _redacted(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


def set_up(level: str) -> None:
    """Sends every logger of the process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # What no line shows need not be found out: where in the code it was written (a walk up the stack), and by whom.
    logging._srcfile = ""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("uvicorn.access").disabled = True  # we write our own line, with ids and without query strings
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLevelName(level)))


def bind(request_id: str, trace_id: str) -> None:
    """From here on the lines of this request carry its ids."""
    _ids.set((request_id, trace_id))


def say(event: str, **fields: object) -> None:
    """A line worth reading in production."""
    _log.info(event, extra={"fields": fields})


def access(scope: Scope, status: int, seconds: float) -> None:
    """One line per request: the route, never the query or the ids in the path; nothing in it needs redaction."""
    if not _log.isEnabledFor(logging.INFO):
        return
    fields = {"method": scope["method"], "route": route_of(scope), "status": status, "ms": round(seconds * 1000, 2)}
    _log.info("request", extra={"fields": fields, "is_clean": True})


def refusal(verdict: str, error: Exception) -> None:
    """The database did not let the request through."""
    _log.warning("database_refused", extra={"fields": {"verdict": verdict, "error": type(error).__name__}})


def fault(error: Exception) -> None:
    """A fault of ours, with its stack."""
    _log.error("internal_fault", exc_info=error)


def route_of(scope: Scope) -> str:
    """The route's template: bounded in number and free of what a caller typed."""
    return str(getattr(scope.get("route"), "path", "unmatched"))
