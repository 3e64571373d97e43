"""Guarantees of another length for goods of some categories."""

from collections.abc import Iterator
from itertools import pairwise

from claims_api.domain.policy_words import Category, CategoryTest
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import CATEGORY_GUARANTEES, Book, Row, Way

ANY = "any"


def unknown_categories(book: Book) -> Iterator[Hit]:
    """Categories are the domain's; `any` goes with a judgement only."""
    for way, row in _guarantees(book):
        if not row["categories"]:
            yield Hit(book.law, (*way, "categories"), "no goods are named: add categories, or `any` with a judgement.")
        for at, word in enumerate(row["categories"]):
            if word not in {*Category, ANY}:
                sentence = f"`{word}` is no category: take one of {', '.join(Category)}."
                yield Hit(book.law, (*way, "categories", at), sentence)
        if ANY in row["categories"] and row["test"] != CategoryTest.JUDGEMENT:
            yield Hit(book.law, (*way, "categories"), "`any` needs `test: judgement`: a person has to say which goods.")


def judgements_without_question(book: Book) -> Iterator[Hit]:
    """A judgement names the question a person answers, one of the file's list; a category needs none."""
    listed = book.law.rows.get("category_question_values")
    for way, row in _guarantees(book):
        question = row.get("question")
        if row["test"] not in set(CategoryTest):
            sentence = f"`{row['test']}` is no test: take one of {', '.join(CategoryTest)}."
            yield Hit(book.law, (*way, "test"), sentence)
        elif row["test"] == CategoryTest.JUDGEMENT and question is None:
            yield Hit(book.law, (*way, "test"), "a judgement needs its `question`: add what a person has to answer.")
        elif row["test"] == CategoryTest.CATEGORY and question is not None:
            sentence = "the code decides, nobody is asked: remove `question`, or write `test: judgement`."
            yield Hit(book.law, (*way, "question"), sentence)
        elif question is not None and listed is not None and question not in listed:
            sentence = f"`{question}` is not in `category_question_values`: add it there, or take one of the list."
            yield Hit(book.law, (*way, "question"), sentence)


def price_bands(book: Book) -> Iterator[Hit]:
    """Bands follow each other without overlap or gap, in the currency of the place."""
    for way, row in _guarantees(book):
        bands = row.get("price_bands", ())
        place: Way = (*way, "price_bands")
        code = book.law.rows["jurisdictions"][way[1]]["code"]
        money = next((one["currency"] for one in book.path(code) if one.get("currency")), None)
        for at, band in enumerate(bands):
            if band["currency"] != money:
                sentence = f"prices there are in {money}: give the bands of the law in it, never converted."
                yield Hit(book.law, (*place, at, "currency"), sentence)
            if (wrong := _wrong_bounds(band)) is not None:
                yield Hit(book.law, (*place, at), wrong)
        if not any(_wrong_bounds(band) for band in bands):
            yield from _unjoined(book, place, bands)


def _unjoined(book: Book, place: Way, bands: list[Row]) -> Iterator[Hit]:
    in_order = sorted(enumerate(bands), key=lambda one: _lower(one[1]))
    for (_, below), (at, band) in pairwise(in_order):
        start, is_above = _lower(band)
        top = below.get("to")
        if top is None or start < top or (start == top and not is_above):
            sentence = f"the band overlaps the one before it: write `above: {top}` here, or lower `to` there."
            yield Hit(book.law, (*place, at), sentence)
        elif start > top:
            sentence = f"prices between {top} and {start} are in no band: write `above: {top}`."
            yield Hit(book.law, (*place, at), sentence)


def _lower(band: Row) -> tuple[int, bool]:
    return (band["above"], True) if "above" in band else (band["from"], False)


def _wrong_bounds(band: Row) -> str | None:
    if ("from" in band) is ("above" in band):
        return "a band starts `from` an amount or `above` one: write one of them."
    top = band.get("to")
    return (
        "`to` is below the start of the band: put the larger amount there." if top and top < _lower(band)[0] else None
    )


def _guarantees(book: Book) -> Iterator[tuple[Way, Row]]:
    for way, row in book.jurisdictions():
        for at, one in enumerate(row.get(CATEGORY_GUARANTEES, ())):
            yield (*way, CATEGORY_GUARANTEES, at), one
