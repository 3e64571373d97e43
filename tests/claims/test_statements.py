"""What a warm request asks the database, besides BEGIN with its tenant and COMMIT: little, whatever the size."""

from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.claims import CONSENT, REFUSAL, STEPS, Claim, Team, kettle, key, line
from tests.support.statements import count_statements

PATH = "/v1/claims"
SIZES = (1, 50)


def many(size: int) -> list[Claim]:
    return [line(sku=f"K-{place}", issue={"code": "leak", "description": "It drips."}) for place in range(size)]


def decided(size: int) -> Claim:
    """An approval of every line but the last of several."""
    covered: Claim = {"decision": "covered_statutory", "remedy": "repair", "consent": CONSENT}
    lines: list[Claim] = [{"position": place + 1, **covered} for place in range(size)]
    if size > 1:
        lines[-1] = {"position": size, "decision": "not_covered", "refusal": REFUSAL}
    return {"lines": lines}


async def sent(app: FastAPI, client: httpx.AsyncClient, method: str, path: str, status: int, **more: Any) -> int:
    """How many statements a request sends, once its credential is known."""
    await client.get(PATH)  # what is known is forgotten after seconds, and a slow machine takes as long
    with count_statements(app.state.database.tenants) as statements:
        answer = await client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return len(statements)


async def test_a_submission_costs_two_statements_whatever_its_lines(app: FastAPI, team: Team) -> None:
    shop = await team.of("storefront")
    bodies = [kettle(lines=many(size), order={"ref": f"O{size}"}, external_ref=f"R{size}") for size in SIZES]
    assert [await sent(app, shop, "POST", PATH, 201, json=body, headers=key()) for body in bodies] == [2, 2]


async def test_a_replay_costs_one_statement(app: FastAPI, team: Team) -> None:
    shop, headers = await team.of("storefront"), key()
    await shop.post(PATH, json=kettle(), headers=headers)
    assert await sent(app, shop, "POST", PATH, 201, json=kettle(), headers=headers) == 1


async def test_a_read_costs_one_statement_and_two_when_the_known_version_is_old(app: FastAPI, team: Team) -> None:
    agent = await team.of("agent")
    for size in SIZES:
        claim = await team.file(lines=many(size))
        path = f"{PATH}/{claim['id']}"
        etag = (await agent.get(path)).headers["etag"]
        assert await sent(app, agent, "GET", path, 200) == 1
        assert await sent(app, agent, "GET", path, 200, params={"expand": "customer"}) == 1
        assert await sent(app, agent, "GET", path, 304, headers={"If-None-Match": etag}) == 1
        await team.done("agent", claim, "start_review")
        assert await sent(app, agent, "GET", path, 200, headers={"If-None-Match": etag}) == 2


async def test_a_page_of_claims_or_events_costs_one_statement(app: FastAPI, team: Team) -> None:
    agent = await team.of("agent")
    claims = [await team.file(lines=many(size)) for size in SIZES]
    filters = {"status": "submitted", "customer_ref": "c-77", "sku": "K-0", "limit": "50"}
    assert await sent(app, agent, "GET", PATH, 200) == 1
    assert await sent(app, agent, "GET", PATH, 200, params=filters) == 1
    for claim in claims:
        assert await sent(app, agent, "GET", f"{PATH}/{claim['id']}/events", 200) == 1


async def test_tracking_costs_one_statement(app: FastAPI, team: Team) -> None:
    for size in SIZES:
        phone = await team.customer(await team.file(lines=many(size)))
        etag = (await phone.get("/v1/track")).headers["etag"]
        assert await sent(app, phone, "GET", "/v1/track", 200) == 1
        assert await sent(app, phone, "GET", "/v1/track", 304, headers={"If-None-Match": etag}) == 1


async def test_a_step_costs_three_statements_whatever_its_lines_and_a_filing_one_more_for_duplicates(
    app: FastAPI, team: Team
) -> None:
    agent = await team.of("agent")
    counts: dict[str, list[int]] = {}
    for size in SIZES:
        draft = await team.file(draft=True, lines=many(size), order={"ref": f"D{size}"})
        for step in ("submit", "start_review", "hold", "assign", "note", "approve", "resolve", "reopen", "cancel"):
            body = {"transition": step} | (decided(size) if step == "approve" else STEPS[step])
            path = f"{PATH}/{draft['id']}/transitions"
            counts.setdefault(step, []).append(await sent(app, agent, "POST", path, 200, json=body, headers=key()))
    assert counts == {step: [4, 4] if step == "submit" else [3, 3] for step in counts}


async def test_a_replayed_step_costs_two_statements(app: FastAPI, team: Team) -> None:
    agent, claim = await team.of("agent"), await team.file()
    sent_twice: Claim = {"json": {"transition": "note", "text": "Once."}, "headers": key()}
    path = f"{PATH}/{claim['id']}/transitions"
    assert [await sent(app, agent, "POST", path, 200, **sent_twice) for _ in range(2)] == [3, 2]


async def test_a_saved_draft_costs_five_statements_whatever_its_lines(app: FastAPI, team: Team) -> None:
    agent = await team.of("agent")
    counts = []
    for size in SIZES:
        draft = await team.file(draft=True, lines=many(size))
        counts.append(await sent(app, agent, "PUT", f"{PATH}/{draft['id']}", 200, json=kettle(lines=many(size))))
    assert counts == [5, 5]
