"""The history of a claim as it is read: in order, chained, without free text, in pages."""

from tests.support.claims import Team, kettle, line


async def test_a_history_tells_what_happened_and_by_whom(team: Team) -> None:
    claim = await team.brought_to("closed")
    events = await team.history(claim)
    assert [event["type"] for event in events] == [
        "claim.submitted", "claim.review_started", "claim.approved", "remedy.accepted", "remedy.completed",
        "claim.resolved", "claim.closed",
    ]  # fmt: skip
    assert [event["seq"] for event in events] == list(range(1, 8))
    assert [event["actor"]["kind"] for event in events] == ["customer", *["agent"] * 5, "customer"]
    assert [event["prev_hash"] for event in events] == ["0" * 64, *(event["hash"] for event in events[:-1])]
    customers = await team.history(claim, "customer")
    assert [each["actor"]["ref"] for each in customers if each["actor"]["kind"] == "agent"] == [None] * 5


async def test_no_free_text_is_in_an_event(team: Team) -> None:
    person = {"ref": "c4n4ry-ref", "name": "c4n4ry", "email": "c4n4ry@example.com", "phone": "c4n4ry"}
    issue = {"code": "leak", "description": "c4n4ry"}
    claim = await team.file(customer=person, lines=[line(issue=issue, name="c4n4ry")], metadata={"a": "c4n4ry"})
    await team.done("agent", claim, "note", text="c4n4ry")
    await team.done("agent", claim, "hold", kind="fraud", reason="c4n4ry")
    answer = await (await team.of("agent")).get(f"/v1/claims/{claim['id']}/events")
    assert "c4n4ry" not in answer.text


async def test_a_history_is_read_in_pages(team: Team) -> None:
    claim, agent = await team.brought_to("resolved"), await team.of("agent")
    path, query, seen = f"/v1/claims/{claim['id']}/events", {"limit": "2"}, []
    while True:
        page = (await agent.get(path, params=query)).json()
        seen += [event["seq"] for event in page["data"]]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [1, 2, 3, 4, 5, 6]


async def test_a_refused_step_leaves_no_trace(team: Team) -> None:
    claim = await team.file()
    for by, transition in (("agent", "approve"), ("supervisor", "withdraw"), ("agent", "release")):
        assert (await team.step(by, claim, transition)).status_code >= 400
    await (await team.of("storefront")).put(f"/v1/claims/{claim['id']}", json=kettle())
    assert len(await team.history(claim)) == 1
