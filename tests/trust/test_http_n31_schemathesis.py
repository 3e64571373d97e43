"""N31: whatever the API's document allows or forbids, the service answers as the document says, for every role."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from claims_api.access import actions
from claims_api.access.scopes import Role, Scope
from claims_api.kit import database
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, lay_ground
from tests.support.claims import kettle
from tests.support.processes import ROOT, environment, service
from tests.support.violations import nothing_is_violated

CONFIG = Path(__file__).with_name("schemathesis.toml")
CHECKS = "tests.support.contract_checks"
METHODS = {"get", "put", "post", "patch", "delete"}


@dataclass(frozen=True)
class Callers:
    """One key of each role with every scope, so that only the role decides; and a customer's token."""

    keys: dict[Role, str]
    token: str


@pytest.fixture
def own_ground(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return lay_ground(postgres, tmp_path)


async def callers_at(url: str, ground: Ground) -> Callers:
    owner = database.connect(ground.owner_url, ground.settings)
    tenant_id = await actions.create_tenant(owner, "tried out")
    made = {role: await actions.create_key(owner, tenant_id, role, frozenset(Scope)) for role in Role}
    await owner.close()
    keys = {role: key.credential for role, key in made.items()}
    headers = {"Authorization": f"Bearer {keys[Role.STOREFRONT]}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        filed = await client.post("/v1/claims", json=kettle())
    return Callers(keys, filed.json()["tracking"]["token"])


def operations_of(url: str) -> int:
    """How many there are in the document as it is served."""
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    return sum(method in METHODS for item in paths.values() for method in item)


def try_out(url: str, callers: Callers, role: Role, report: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    """Runs schemathesis to its end."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{url}/openapi.json"),
        *("--header", f"Authorization: Bearer {callers.keys[role]}", "--checks", "all"),
        *("--report", "json", "--report-json-path", str(report), "--no-color", *more),
    ]
    if role is not Role.STOREFRONT:  # made up for some requests only, it would leave most that staff write at their 422
        command += ["--header", f"Claims-Actor: {role}-1"]
    told = {"SCHEMATHESIS_HOOKS": CHECKS, "TRACKING_TOKEN": callers.token, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=os.environ | told, cwd=report.parent, capture_output=True, text=True, timeout=900, check=False
    )


# Making up bodies is what takes the time, and what is wrong of form is refused whoever calls: the phase that goes
# through all of that is the storefront's. At full size nobody is spared.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("role", "phases"),
    [(Role.STOREFRONT, "coverage,fuzzing,stateful"), (Role.AGENT, "fuzzing,stateful"), (Role.PARTNER, "fuzzing")],
    ids=["storefront", "agent", "partner"],
)
def test_the_service_keeps_what_its_document_says(
    own_ground: Ground, tmp_path: Path, role: Role, phases: str, full_size: bool
) -> None:
    seeds, examples = ((1, 2, 3), 100) if full_size else ((1,), 25)
    if full_size:
        phases = "coverage,fuzzing,stateful"
    report = tmp_path / "report.json"
    with service(environment(own_ground.settings)) as running:
        callers = asyncio.run(callers_at(running.url, own_ground))
        for seed in seeds:
            options = ("--phases", phases, "--max-examples", str(examples), "--seed", str(seed))
            done = try_out(running.url, callers, role, report, *options)

            assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
            told = json.loads(report.read_text())
            print(
                f"N31, {role}, seed {seed}: {told['test_cases']['generated']} cases of {told['operations']['tested']} "
                f"operations in {told['running_time']:.0f} s, {len(told['failures'])} failures, {len(told['errors'])} "
                f"errors; {phases}"
            )
            assert (told["failures"], told["errors"]) == ([], [])
            assert told["operations"]["tested"] == operations_of(running.url)
    asyncio.run(nothing_is_violated(own_ground))
