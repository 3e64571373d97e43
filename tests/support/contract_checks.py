"""A check of our own for schemathesis: what the schema allows is refused only for what no schema can express."""

from typing import Any, get_args

import schemathesis
from pydantic_core.core_schema import ErrorType
from schemathesis import Case, CheckContext, Response

FAULTS_OF_FORM = frozenset(
    name.replace("_", "-") for name in get_args(ErrorType) if name not in {"value_error", "assertion_error"}
)
"""What a model finds wrong by its types alone, and so the document's schema too."""


@schemathesis.check
def valid_form_is_refused_for_its_meaning_only(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The codes in `errors` say why: the names of our own rules, none of a type's.

    One exception: to JSON Schema 2.0 is an integer, to our strict reader it is not.
    """
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 422):
        return
    faults = {
        (error["pointer"], error["code"])
        for error in response.json().get("errors", [])
        if error["code"] in FAULTS_OF_FORM
        and not (error["code"] == "int-type" and is_whole_float(case.body, error["pointer"]))
    }
    assert not faults, f"the schema allows it, the service answers {response.status_code} {sorted(faults)}"


def is_whole_float(body: Any, pointer: str) -> bool:
    """Whether such a number stands at this place of a body."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        body = body[int(step) if isinstance(body, list) else step]
    return isinstance(body, float) and body.is_integer()
