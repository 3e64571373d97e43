"""Where a value comes from: its law, its evidence, how sure we are, and since when it counts."""

from collections.abc import Iterator
from datetime import date

from claims_api.domain.policy_words import Confidence
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import Book, Row, Way
from claims_api.policies.queries.releases import kept_releases

SECONDARY = "secondary"
EVIDENCE_KINDS = ("primary_text", "quotation", SECONDARY)


def unknown_laws(book: Book) -> Iterator[Hit]:
    """A statement may name a law of its entry or of an ancestor."""
    for said in book.statements():
        known = {law["id"] for row in book.path(said.code) for law in row["laws"]}
        law = said.row.get("law")
        if law is not None and law not in known:
            choice = ", ".join(sorted(known)) or "none yet"
            sentence = f"no law `{law}` in the entry or above it: add it to `laws`, or take one of {choice}."
            yield Hit(book.law, (*said.way, "law"), sentence)


def unused_laws(book: Book) -> Iterator[Hit]:
    """A law no statement of the entry, or of a place below it, rests on."""
    used: set[tuple[str, str]] = set()
    for said in book.statements():
        law = said.row.get("law")
        owner = next((row for row in book.path(said.code) if any(one["id"] == law for one in row["laws"])), None)
        if owner is not None and law is not None:
            used.add((owner["code"], law))
    for way, row in book.jurisdictions():
        for at, law in enumerate(row["laws"]):
            if (row["code"], law["id"]) not in used:
                sentence = f"no statement rests on `{law['id']}`: name it in a rule, or keep it for the reader only."
                yield Hit(book.law, (*way, "laws", at), sentence)


def verified_without_evidence(book: Book) -> Iterator[Hit]:
    """`verified` says that the text was read; the evidence says where."""
    for way, row in _vouched(book):
        if row["confidence"] == Confidence.VERIFIED and not row.get("evidence"):
            sentence = "`verified` needs `evidence`: add where the text was read, or write `well_known`."
            yield Hit(book.law, (*way, "confidence"), sentence)


def unknown_evidence(book: Book) -> Iterator[Hit]:
    """Evidence goes by a key of the table, whose kind is one of three."""
    for way, row in _vouched(book):
        key = row.get("evidence")
        if key is not None and key not in book.law.rows["evidence"]:
            sentence = f"no evidence `{key}`: add it to the table `evidence`, or take a key of it."
            yield Hit(book.law, (*way, "evidence"), sentence)
    for key, one in book.law.rows["evidence"].items():
        if one["kind"] not in EVIDENCE_KINDS:
            sentence = f"`{one['kind']}` is no kind of evidence: take one of {', '.join(EVIDENCE_KINDS)}."
            yield Hit(book.law, ("evidence", key, "kind"), sentence)


def unused_evidence(book: Book) -> Iterator[Hit]:
    """A text that was read, and that nothing rests on."""
    used = {row.get("evidence") for _, row in _vouched(book)}
    for key in book.law.rows["evidence"]:
        if key not in used:
            yield Hit(book.law, ("evidence", key), f"no statement rests on `{key}`: name it in a rule, or remove it.")


def verified_by_secondary(book: Book) -> Iterator[Hit]:
    """What others say about a law is not the law (`secondary`)."""
    for way, row in _vouched(book):
        evidence = book.law.rows["evidence"].get(row.get("evidence"))
        if row["confidence"] == Confidence.VERIFIED and evidence and evidence["kind"] == SECONDARY:
            sentence = "the evidence is secondary: read the law itself and name that text, or write `well_known`."
            yield Hit(book.law, (*way, "confidence"), sentence)


def undated_before(book: Book) -> Iterator[Hit]:
    """`effective_from` and `before` go together, once: what was before has no day of its own."""
    for said in book.statements():
        starts, before = said.row.get("effective_from"), said.row.get("before")
        if said.way[-1] == "before":
            if starts is not None:
                sentence = "`before` reaches back without end: remove its `effective_from`, or open a new release."
                yield Hit(book.law, (*said.way, "effective_from"), sentence)
        elif starts is not None and before is None:
            sentence = "`effective_from` needs `before`: say what counted until then, `status: unknown` if not known."
            yield Hit(book.law, (*said.way, "effective_from"), sentence)
        elif starts is None and before is not None:
            sentence = "`before` needs `effective_from`: say from which day on the rule counts, or remove `before`."
            yield Hit(book.law, (*said.way, "before"), sentence)
        if starts is not None and not is_day(starts):
            sentence = f"`{starts}` is no day: write it as '2026-11-22', in quotes."
            yield Hit(book.law, (*said.way, "effective_from"), sentence)


def conditions_without_note(book: Book) -> Iterator[Hit]:
    """`conditional` holds only under the condition that the note names."""
    for said in book.statements():
        tiers = enumerate(said.row.get("tiers", ()))
        rows = [(said.way, said.row), *(((*said.way, "tiers", at), tier) for at, tier in tiers)]
        for way, row in rows:
            if row.get("conditional") and not row.get("note"):
                sentence = "`conditional` needs a `note` that names the condition: add it."
                yield Hit(book.law, (*way, "conditional"), sentence)


def releases(book: Book) -> Iterator[Hit]:
    """All files of a release carry its name; the law and the territories also its day, whose month is the name's."""
    release, as_of = book.law.rows["release"], book.law.rows["as_of"]
    for document in (book.territories, book.standard):
        if document is not None and document.rows.get("release") != release:
            yield Hit(document, ("release",), f"the law is release `{release}`: write the same here.")
    if book.territories.rows["as_of"] != as_of:
        yield Hit(book.territories, ("as_of",), f"the law is as of {as_of}: write the same here.")
    if not is_day(as_of):
        yield Hit(book.law, ("as_of",), f"`{as_of}` is no day: write it as '2026-11-22', in quotes.")
    elif not f"{release}.".startswith(f"{as_of[:4]}.{as_of[5:7]}."):
        sentence = f"release `{release}` is not of the month of {as_of}: name it `{as_of[:4]}.{as_of[5:7]}`."
        yield Hit(book.law, ("release",), sentence)
    for kept in kept_releases(book.folder):
        if kept.name == release or not kept.counts_from.isoformat() < as_of:
            sentence = f"`{kept.name}` is kept as of {kept.counts_from}: give this release a new name and a later day."
            yield Hit(book.law, ("release",), sentence)


def is_day(text: str) -> bool:
    """The text is a day of the calendar, written 2026-11-22."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _vouched(book: Book) -> Iterator[tuple[Way, Row]]:
    """Whatever may name evidence."""
    for said in book.statements():
        yield said.way, said.row
    for way, row in book.jurisdictions():
        if "period_rule" in row:
            yield (*way, "period_rule"), row["period_rule"]
