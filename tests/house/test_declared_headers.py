"""The contract names every request header that an operation reads, for that operation, as it is really judged."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.datastructures import Headers

from claims_api.kit import gate
from claims_api.kit.settings import Environment, Settings
from claims_api.main import create_app, openapi_document
from tests.conftest import Tenant
from tests.support.claims import Claim, Team
from tests.support.problems import refused

PATHS = openapi_document(create_app(Settings(environment=Environment.DEVELOPMENT)))["paths"]
OPERATIONS: dict[str, tuple[str, str, dict[str, dict[str, Any]]]] = {
    operation["operationId"]: (
        method.upper(),
        path,
        {given["name"]: given for given in operation.get("parameters", ()) if given["in"] == "header"},
    )
    for path, item in PATHS.items()
    for method, operation in item.items()
}
"""Method, path, and the headers declared."""
OF_HTTP = {"accept", "authorization", "content-encoding", "content-length", "content-type", "transfer-encoding"}
"""What OpenAPI says in other places: the security scheme, the media types of bodies."""
OF_FRAMEWORKS = {"cookie", "host"}
"""What is parsed for every request and used by none."""


@pytest_asyncio.fixture(loop_scope="session")
async def team(tenant: Tenant) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield Team(tenant, stack)


@pytest_asyncio.fixture(loop_scope="session")
async def claim(team: Team) -> Claim:
    """One that is there for every operation on claims."""
    return await team.file()


async def call(team: Team, claim: Claim, operation: str, headers: dict[str, str]) -> httpx.Response:
    """The operation on what is there, without a body; who calls says nothing but what is given."""
    method, path, _ = OPERATIONS[operation]
    client = await team.customer(claim) if operation == "track_claim" else await team.of("storefront")
    named = {"claim_id": claim["id"], "region": "DE", "code": "DE", "shipment_id": "shp_1"}
    return await client.request(method, path.format_map(named), headers=headers)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_declares_each_header_it_reads_and_no_other(
    team: Team, claim: Claim, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()

    class Watched(dict[bytes, bytes]):
        def get(self, name: bytes, default: Any = None) -> Any:
            read.add(name.decode())
            return super().get(name, default)

        def __contains__(self, name: object) -> bool:
            read.add(name.decode() if isinstance(name, bytes) else str(name))
            return super().__contains__(name)

    def watched(real: Any) -> Any:
        def reading(headers: Headers, name: str, *more: Any) -> Any:
            read.add(name.lower())
            return real(headers, name, *more)

        return reading

    await call(team, claim, operation, {})  # so that the clients are there
    real_folded = gate._folded
    monkeypatch.setattr(gate, "_folded", lambda sent: Watched(real_folded(sent)))
    for way in ("__getitem__", "__contains__", "getlist"):
        monkeypatch.setattr(Headers, way, watched(getattr(Headers, way)))

    await call(team, claim, operation, {})

    assert read - OF_HTTP - OF_FRAMEWORKS == {name.lower() for name in OPERATIONS[operation][2]}


@pytest.mark.parametrize("name", ["Idempotency-Key", "Claims-Actor"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_malformed_header_is_refused_where_it_is_declared_and_nowhere_else(
    team: Team, claim: Claim, operation: str, name: str
) -> None:
    answer = await call(team, claim, operation, {name: "a b"})

    if name in OPERATIONS[operation][2]:
        refused(answer, 400, "malformed-header", f"header:{name}")
    else:
        assert answer.status_code != 400


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_declared_header_is_optional_and_explained_by_an_example_of_its_form(operation: str) -> None:
    for name, given in OPERATIONS[operation][2].items():
        [example] = given["schema"]["examples"]
        assert not given["required"], name
        assert given["description"], name
        assert re.search(given["schema"].get("pattern", ""), example), name


KEYS = {
    "one character": "a",
    "as long as may be": "k" * 255,
    "too long": "k" * 256,
    "empty": "",
    "quoted": '"k"',
    "quoted, with escapes": r'"a\"b\\c"',
    "quoted, as long as may be": '"' + "k" * 255 + '"',
    "quoted, too long": '"' + "k" * 256 + '"',
    "quoted, with a space": '"a b"',
    "quoted, empty": '""',
    "half a quote": '"',
    "a space": "a b",
}


@pytest.mark.parametrize("sent", KEYS.values(), ids=KEYS.keys())
async def test_a_key_is_of_the_declared_form_or_refused(team: Team, claim: Claim, sent: str) -> None:
    form = OPERATIONS["submit_claim"][2]["Idempotency-Key"]["schema"]["pattern"]

    answer = await call(team, claim, "submit_claim", {"Idempotency-Key": sent})

    assert answer.status_code == (422 if re.search(form, sent) else 400)


@pytest.mark.parametrize("role", ["storefront", "agent"])
async def test_a_claim_s_etag_is_of_the_form_that_if_match_takes(team: Team, claim: Claim, role: str) -> None:
    form = OPERATIONS["transition_claim"][2]["If-Match"]["schema"]["pattern"]

    read = await (await team.of(role)).get(f"/v1/claims/{claim['id']}")

    assert re.search(form, read.headers["ETag"])
    assert re.search(form, "*")
    assert not re.search(form, '"c4n4ry"')
