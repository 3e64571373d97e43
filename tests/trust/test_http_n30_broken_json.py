"""N30: a body that is not JSON, or JSON no column can hold, is never taken for an empty one."""

import httpx
import pytest

from tests.support.problems import refused

BROKEN = {
    "cut off": (b'{"region":', 400, "malformed-json"),
    "not UTF-8": (b'{"region": "\xff"}', 400, "malformed-json"),
    "NaN": (b'{"draft": NaN}', 400, "malformed-json"),
    "a key twice": (b'{"draft": true, "draft": true}', 400, "malformed-json"),
    "NUL": (b'{"region": "\\u0000"}', 422, "invalid-request"),
    "a huge number": (b'{"draft": 10000000000000000000000}', 422, "invalid-request"),
    "too deep": (b"[" * 40 + b"]" * 40, 422, "invalid-request"),
}
JSON = {"Content-Type": "application/json"}
DRAFT = {"draft": True, "region": "DE-BY", "customer": {"ref": "c-77"}}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_submission_is_called_broken(api: httpx.AsyncClient, case: str) -> None:
    body, status, code = BROKEN[case]

    document = refused(await api.post("/v1/claims", content=body, headers=JSON), status, code)

    assert "required" not in str(document)


@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_body_leaves_a_draft_as_it_is(api: httpx.AsyncClient, case: str) -> None:
    body, status, code = BROKEN[case]
    made = (await api.post("/v1/claims", json=DRAFT)).json()
    path = f"/v1/claims/{made['id']}"

    refused(await api.put(path, content=body, headers=JSON), status, code)

    assert (await api.get(path)).json()["version"] == made["version"]
