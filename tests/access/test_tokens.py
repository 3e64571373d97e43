"""Tracking tokens: what is not one of ours opens nothing, whatever it is made of."""

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import client_of
from tests.support.problems import refused

SUBMISSION = {
    "region": "DE-BY",
    "customer": {"ref": "c-77"},
    "lines": [{"sku": "KTL-2", "issue": {"code": "does_not_switch_on"}}],
}
FORGED: dict[str, Callable[[str], str]] = {
    "not ASCII": lambda token: f"{token[:-1]}ü",
    "another proof": lambda token: token[:-32] + "A" * 32,
    "cut short": lambda token: token[:-1],
    "no proof": lambda token: token[:-32],
    "longer": lambda token: f"{token}A",
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_forged_token_of_a_real_claim_is_no_credential(app: FastAPI, api: httpx.AsyncClient, case: str) -> None:
    token = (await api.post("/v1/claims", json=SUBMISSION)).json()["tracking"]["token"]
    async with client_of(app) as phone:
        own = await phone.get("/v1/track", headers={"Authorization": f"Bearer {token}"})
        sent = f"Bearer {FORGED[case](token)}".encode("latin-1")
        answer = await phone.get("/v1/track", headers=[(b"authorization", sent)])

    assert own.status_code == 200
    refused(answer, 401, "unauthenticated")
