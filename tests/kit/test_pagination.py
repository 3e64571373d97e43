"""Cursors: opaque, and good for the list and the tenant they came from only."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.kit.pagination import CursorBook, cut
from claims_api.kit.problems import InvalidRequest

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
BOOK = CursorBook(b"s" * 32, TENANT, "claims")
CURSOR = BOOK.write("clm_42")


def assert_refused(book: CursorBook, cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        book.read(cursor)
    assert refused.value.status == 422
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("query:cursor", "cursor-unknown")]
    assert not cursor or cursor not in refused.value.body("http://x", "req_1", "7" * 32).decode()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_cursor_reads_back(position: str) -> None:
    cursor = BOOK.write(position)
    assert BOOK.read(cursor) == position
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# "), "it goes into a query as it is"


def test_no_cursor_is_the_beginning() -> None:
    assert BOOK.read(None) is None


OTHER_BOOKS = {
    "another tenant": CursorBook(b"s" * 32, OTHER_TENANT, "claims"),
    "another list": CursorBook(b"s" * 32, TENANT, "events"),
    "the same list with a filter": CursorBook(b"s" * 32, TENANT, "claims?status=open"),
    "another secret": CursorBook(b"t" * 32, TENANT, "claims"),
}


@pytest.mark.parametrize("book", OTHER_BOOKS.values(), ids=OTHER_BOOKS.keys())
def test_a_cursor_is_good_for_its_own_list_only(book: CursorBook) -> None:
    assert_refused(book, CURSOR)


@pytest.mark.parametrize("place", range(len(CURSOR)))
def test_no_character_can_be_changed(place: int) -> None:
    changed = CURSOR[:place] + ("A" if CURSOR[place] != "A" else "B") + CURSOR[place + 1 :]
    raw, other = (urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (CURSOR, changed))
    if raw != other:  # the last character has bits that count for nothing
        assert_refused(BOOK, changed)


NONSENSE = [
    "",
    "A",
    "AAAA",
    "====",
    "clm_42",
    CURSOR[:-1],
    CURSOR[:16],
    CURSOR * 2,
    CURSOR + "AAAA",
    "\0",
    "ü",
    "🔧",
    "%",
    "-" * 512,
]
NONSENSE += ["\ud800", urlsafe_b64encode(b"clm_42").decode(), urlsafe_b64encode(b"\0" * 16 + b"clm_42").decode()]


@pytest.mark.parametrize("text", NONSENSE)
def test_what_we_did_not_write_is_refused(text: str) -> None:
    assert_refused(BOOK, text)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(InvalidRequest):
        BOOK.read(text)


PAGES = {
    "nothing": (0, 3, 0, None),
    "less than a page": (2, 3, 2, None),
    "exactly a page": (3, 3, 3, None),
    "one more": (4, 3, 3, "2"),
}


@pytest.mark.parametrize(("rows", "limit", "shown", "position"), PAGES.values(), ids=PAGES.keys())
def test_a_page_ends_where_the_next_begins(rows: int, limit: int, shown: int, position: str | None) -> None:
    page, found = cut(range(rows), limit, str)
    assert (len(page), found) == (shown, position)
