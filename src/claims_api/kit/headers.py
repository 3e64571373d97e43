"""Request headers that no model reads: each is told once, and that is what is read and what the contract declares."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from claims_api.kit.problems import InputError, MalformedHeader


@dataclass(frozen=True)
class RequestHeader:
    """A header nobody has to send. With a `form` whatever else is sent is refused, without one it is passed over."""

    name: str
    description: str
    example: str
    form: re.Pattern[str] | None = None
    form_said: str = ""

    def read(self, request: Request) -> str | None:
        """What was sent, None when nothing was.

        Raises:
            MalformedHeader: not of its form; or sent twice.
        """
        sent = request.headers.getlist(self.name)
        if not sent:
            return None
        if len(sent) != 1 or (self.form is not None and not self.form.fullmatch(sent[0])):
            raise MalformedHeader(errors=(InputError(f"header:{self.name}", "malformed", self.form_said),))
        return sent[0]

    def parameter(self) -> dict[str, Any]:
        """The header in an OpenAPI document."""
        bounds = {"pattern": f"^(?:{self.form.pattern})$"} if self.form is not None else {}
        schema = {"type": "string", **bounds, "examples": [self.example]}
        return {"name": self.name, "in": "header", "required": False, "schema": schema, "description": self.description}
