"""Reads what the service logs, as an operator would: line by line, each a JSON object."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from claims_api.kit.logs import JsonLines


@contextmanager
def log_lines(logger: str = "claims_api") -> Iterator[list[dict[str, Any]]]:
    """The lines written meanwhile; filled when the block ends."""
    found: list[dict[str, Any]] = []
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    watched = logging.getLogger(logger)
    level = watched.level
    watched.addHandler(handler)
    watched.setLevel(logging.INFO)
    try:
        yield found
    finally:
        watched.removeHandler(handler)
        watched.setLevel(level)
        found += [json.loads(line) for line in stream.getvalue().split("\n") if line]
