"""Two values are compared whole: every field there is, now and later, and each difference by its name."""

from dataclasses import dataclass

import pytest

from claims_api.verify.actions.comparing import differences


@dataclass(frozen=True)
class Part:
    position: int
    word: str = "a"


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...] = ()
    data: object = None


ONE, TWO = Part(1), Part(2)
CASES = {
    "the same": (Whole((ONE, TWO)), Whole((ONE, TWO)), []),
    "in another order": (Whole((ONE, TWO)), Whole((TWO, ONE)), []),
    "a field of a part": (Whole((ONE, TWO)), Whole((Part(2, "b"), ONE)), ["parts[2].word"]),
    "a part less": (Whole((ONE, TWO)), Whole((ONE,)), ["parts[2]"]),
    "nothing for something": (Whole(data=1), Whole(), ["data"]),
    "another kind of value": (Whole(data="1"), Whole(data=1), ["data"]),
    "within JSON": (
        Whole(data={"a": [1, {"b": 2}]}),
        Whole(data={"a": [1, {"b": 3}], "c": 1}),
        ["data.a[2].b", "data.c"],
    ),
    "a list in another order": ([1, 2], [2, 1], ["[1]", "[2]"]),
    "no value at all": (None, Whole(), ["everything"]),
}


@pytest.mark.parametrize("case", CASES)
def test_differences_are_named_by_their_path(case: str) -> None:
    one, other, paths = CASES[case]

    assert list(differences(one, other)) == paths
