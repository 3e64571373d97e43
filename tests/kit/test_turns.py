"""Turns: one by one where requests would wait for each other anyway."""

import asyncio

import pytest

from claims_api.kit import turns
from claims_api.kit.problems import ResourceBusy
from claims_api.kit.turns import turn


async def _enter(name: str, inside: list[int], most: list[int]) -> None:
    async with turn(name, ResourceBusy):
        inside.append(1)
        most.append(len(inside))
        for _ in range(3):
            await asyncio.sleep(0)
        inside.pop()


async def test_requests_of_one_name_go_one_by_one() -> None:
    inside: list[int] = []
    most: list[int] = []
    await asyncio.gather(*(_enter("one", inside, most) for _ in range(10)))
    assert most == [1] * 10
    assert not turns._turns, "nothing is kept when the last has gone"


async def test_other_names_do_not_wait() -> None:
    inside: list[int] = []
    most: list[int] = []
    await asyncio.gather(*(_enter(name, inside, most) for name in ("one", "two", "three")))
    assert max(most) == 3


async def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.01)
    async with turn("one", ResourceBusy):
        with pytest.raises(ResourceBusy) as refused:
            async with turn("one", ResourceBusy):
                pytest.fail("two at once")
        assert int(refused.value.headers["Retry-After"]) >= 1
    async with turn("one", ResourceBusy):
        assert len(turns._turns) == 1
    assert not turns._turns


async def test_a_failure_or_a_cancellation_hands_the_turn_on() -> None:
    with pytest.raises(ZeroDivisionError):
        async with turn("one", ResourceBusy):
            raise ZeroDivisionError
    async with turn("one", ResourceBusy):
        waiting = asyncio.create_task(_enter("one", [], []))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not turns._turns
