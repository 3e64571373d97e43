"""The shipped standard: whole, fair and freshly built."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims_api.claims.actions.context import windows
from claims_api.claims.schemas.submission import ClaimSubmission
from claims_api.claims.schemas.words import IssueCode
from claims_api.domain.policy_words import DIRECTION, Confidence, CountsFrom, RuleField, RuleStatus, Unit
from claims_api.domain.standard import (
    DEFAULT_ISSUE,
    ContactChannel,
    CostBearer,
    DocumentCode,
    Formality,
    Kept,
    KnownFact,
    Medium,
    RefusalStyle,
    Requirement,
    RetentionReason,
    ServiceTerm,
    Term,
    TermOwner,
    TermStart,
    documents_for,
    fields_for,
    remedies_for,
    return_cost_bearer,
)
from claims_api.domain.vocabulary import Ground, RemedyKind, ground_of
from claims_api.policies.data import build
from claims_api.policies.data.standard_reading import global_standard

FOLDER = files("claims_api.policies.data")
BUILT = json.loads(FOLDER.joinpath("standard.json").read_bytes())
SCHEMA = json.loads(FOLDER.joinpath("standard.schema.json").read_bytes())
EDITED = yaml.safe_load(FOLDER.joinpath("standard.yaml").read_text(encoding="utf-8"))
STANDARD = global_standard(BUILT)
ISSUES = [*IssueCode, "x_wobbles"]
FORBIDDEN = re.compile(r"birth|identity|passport|licen[cs]e|packaging|original box|religio|health", re.IGNORECASE)


def test_the_built_form_is_what_a_fresh_build_gives() -> None:
    assert (build.FOLDER / "standard.json").read_text(encoding="utf-8") == build.build_standard()["standard.json"]


def test_the_command_that_builds_the_law_builds_the_standard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    monkeypatch.setattr(build, "build", dict)
    monkeypatch.setattr(build, "build_examples", dict)
    build.main()
    assert capsys.readouterr().out == "standard.json: written\n"
    assert json.loads((tmp_path / "standard.json").read_bytes()) == BUILT


def test_the_windows_of_a_claim_are_terms_in_calendar_days() -> None:
    names = ("appeal_window", "draft", "reopen_window", "reopen_window_withdrawn")
    terms = [STANDARD.service[ServiceTerm(name)] for name in names]
    assert {term.unit for term in terms} == {Unit.CALENDAR_DAYS}
    assert [windows().appeal_days, windows().draft_days, windows().reopen_days, windows().reopen_withdrawn_days] == [
        term.value for term in terms
    ]


# The numbers of the promise, typed by hand: to change one is to change a promise.
@pytest.mark.parametrize(
    ("name", "value", "unit", "starts_with", "owed_by"),
    [
        ("acknowledge", 1, "business_days", "submitted", "us"),
        ("decide", 5, "business_days", "submitted", "us"),
        ("inform", 7, "calendar_days", "last_message", "us"),
        ("inspect", 5, "business_days", "goods_received", "us"),
        ("remedy", 30, "calendar_days", "remedy_accepted", "us"),
        ("refund", 7, "calendar_days", "refund_due", "us"),
        ("decide_appeal", 10, "business_days", "appeal_filed", "us"),
        ("shipment_news", 5, "calendar_days", "last_update", "us"),
        ("provide_information", 14, "calendar_days", "information_requested", "customer"),
        ("send_item", 30, "calendar_days", "item_requested", "customer"),
        ("choose", 14, "calendar_days", "remedies_offered", "customer"),
        ("appeal_window", 30, "calendar_days", "line_refused", "customer"),
        ("reopen_window", 30, "calendar_days", "ended", "customer"),
        ("reopen_window_withdrawn", 14, "calendar_days", "withdrawn", "customer"),
        ("draft", 30, "calendar_days", "draft_saved", "customer"),
    ],
)
def test_the_promise_is(name: str, value: int, unit: str, starts_with: str, owed_by: str) -> None:
    term = STANDARD.service[ServiceTerm(name)]
    assert term == Term(value, Unit(unit), TermStart(starts_with), TermOwner(owed_by), term.meaning)


def test_every_part_is_there_for_every_word_of_the_domain() -> None:
    assert set(STANDARD.service) == set(ServiceTerm)
    assert set(STANDARD.facts) == set(KnownFact)
    assert set(BUILT["document_kinds"]) == set(DocumentCode)
    assert set(STANDARD.return_cost) == set(Ground)
    assert set(STANDARD.retention) == set(Kept)
    for table in (STANDARD.documents, STANDARD.fields, STANDARD.remedies):
        assert set(table) == {*IssueCode, DEFAULT_ISSUE}


@pytest.mark.parametrize("issue", ISSUES)
def test_every_issue_has_documents_fields_and_remedies(issue: str) -> None:
    assert documents_for(STANDARD, issue)
    assert fields_for(STANDARD, issue)
    assert remedies_for(STANDARD, issue)


def test_the_schema_knows_the_words_of_the_domain_and_no_others() -> None:
    kinds = {"document": DocumentCode, "fact": KnownFact, "medium": Medium, "start": TermStart, "bearer": CostBearer}
    assert {name: set(SCHEMA["$defs"][name]["enum"]) for name in kinds} == {n: set(kind) for n, kind in kinds.items()}
    assert set(SCHEMA["$defs"]["asked"]["properties"]["requirement"]["enum"]) == set(Requirement)
    assert set(SCHEMA["$defs"]["kept"]["properties"]["reason"]["enum"]) == set(RetentionReason)
    assert set(SCHEMA["$defs"]["period"]["properties"]["counts_from"]["enum"]) == set(CountsFrom)
    assert set(SCHEMA["properties"]["issues"]["properties"]) == {*IssueCode, DEFAULT_ISSUE}
    assert set(SCHEMA["$defs"]["remedy"]["enum"]) <= set(RemedyKind)
    assert set(SCHEMA["properties"]["rules"]["properties"]) <= set(RuleField)
    tone = SCHEMA["properties"]["tone"]["properties"]
    assert set(tone["channels"]["items"]["enum"]) == set(ContactChannel)
    assert (set(tone["formality"]["enum"]), set(tone["refusal"]["enum"])) == (set(Formality), set(RefusalStyle))


def test_the_words_of_tone_are_those_the_regions_use() -> None:
    law = json.loads(FOLDER.joinpath("statute.json").read_bytes())
    styles = [row["communication_style"] for row in law["jurisdictions"] if "communication_style" in row]
    assert {style["formality"] for style in styles} == set(Formality)
    assert {style["refusal"] for style in styles} == set(RefusalStyle)


@pytest.mark.parametrize("issue", ISSUES)
def test_a_known_order_meets_the_proof_of_purchase(issue: str) -> None:
    asked = {one.code for one in documents_for(STANDARD, issue, frozenset({"order_ref"}))}
    assert not asked & {DocumentCode.PROOF_OF_PURCHASE, DocumentCode.BANK_STATEMENT}


@pytest.mark.parametrize("issue", ISSUES)
def test_who_told_it_in_text_is_not_asked_to_tell_it_again(issue: str) -> None:
    asked = {one.code for one in documents_for(STANDARD, issue, frozenset({"issue_description"}))}
    assert DocumentCode.DESCRIPTION not in asked


def test_nothing_is_asked_for_that_nobody_may_ask_for() -> None:
    asked = [f"{one.code} {one.label}" for rules in STANDARD.documents.values() for one in rules]
    assert not [text for text in asked if FORBIDDEN.search(text)]
    assert not [text for text in SCHEMA["$defs"]["document"]["enum"] if FORBIDDEN.search(text)]
    assert not [path for path in SCHEMA["$defs"]["path"]["enum"] if FORBIDDEN.search(path) or "customer" in path]


def test_a_parcel_that_was_thrown_away_costs_nobody_a_claim() -> None:
    parcel = {DocumentCode.PHOTO_OF_PACKAGE, DocumentCode.PHOTO_OF_SHIPPING_LABEL}
    rules = [one for asked in STANDARD.documents.values() for one in asked if one.code in parcel]
    assert rules
    assert {one.requirement for one in rules} == {Requirement.OPTIONAL}


def test_a_withdrawal_has_to_prove_nothing() -> None:
    for issue in (issue for issue in IssueCode if ground_of(issue) is Ground.WITHDRAWAL):
        assert {one.requirement for one in documents_for(STANDARD, issue)} == {Requirement.OPTIONAL}


@pytest.mark.parametrize("issue", ["battery", "overheats"])
def test_nobody_is_asked_to_film_something_dangerous(issue: str) -> None:
    assert DocumentCode.VIDEO_OF_DEFECT not in {one.code for one in documents_for(STANDARD, issue)}


@pytest.mark.parametrize("issue", ISSUES)
def test_each_document_has_a_group_or_an_original_as_its_requirement_says(issue: str) -> None:
    for one in documents_for(STANDARD, issue):
        assert (one.group is not None) == (one.requirement is Requirement.ONE_OR_MORE)
        assert (one.instead_of is not None) == (one.requirement is Requirement.ALTERNATIVE_TO)
        assert one.label
        assert one.media


@pytest.mark.parametrize("issue", ISSUES)
def test_money_back_is_always_among_what_fits_and_store_credit_never(issue: str) -> None:
    assert RemedyKind.REFUND in remedies_for(STANDARD, issue)
    assert RemedyKind.STORE_CREDIT not in remedies_for(STANDARD, issue)


def pointers(schema: dict[str, Any], node: dict[str, Any], path: str = "") -> Iterator[str]:
    """Every path a submission can carry, with `*` for the place in a list."""
    for one in [node, *node.get("anyOf", ())]:
        if "$ref" in one:
            yield from pointers(schema, schema["$defs"][one["$ref"].rsplit("/", 1)[1]], path)
        if "items" in one:
            yield from pointers(schema, one["items"], f"{path}/*")
        for name, inner in one.get("properties", {}).items():
            yield f"{path}/{name}"
            yield from pointers(schema, inner, f"{path}/{name}")


def test_every_path_is_a_field_of_a_claim() -> None:
    schema = ClaimSubmission.model_json_schema()
    known = set(pointers(schema, schema))
    assert {"/order/ref", "/lines/*/issue/noticed_on"} <= known
    assert set(SCHEMA["$defs"]["path"]["enum"]) <= known
    assert {fact.path for fact in STANDARD.facts.values()} - {None} <= known


def test_every_set_is_used() -> None:
    for sets, kind in (("document_sets", "documents"), ("field_sets", "fields")):
        assert set(EDITED[sets]) == {name for issue in EDITED["issues"].values() for name in issue[kind]}


@pytest.mark.parametrize("ground", Ground)
def test_nobody_pays_for_a_way_back_that_no_law_puts_on_them(ground: Ground) -> None:
    assert return_cost_bearer(STANDARD, ground, None) is CostBearer.SELLER


def test_only_a_withdrawal_follows_a_law_that_lets_the_customer_pay() -> None:
    paying = {ground for ground in Ground if return_cost_bearer(STANDARD, ground, CostBearer.CONSUMER) != "seller"}
    assert paying == {Ground.WITHDRAWAL}


def test_nothing_about_a_person_is_kept_for_longer_than_the_record_of_the_claim() -> None:
    assert max(STANDARD.retention.values(), key=lambda one: one.months) == STANDARD.retention[Kept.CLAIM_RECORD]
    assert min(one.months for one in STANDARD.retention.values()) >= 2  # nothing goes before the windows have closed


@pytest.mark.parametrize("field", STANDARD.rules)
def test_a_promise_can_be_weighed_against_a_law_and_may_decide(field: RuleField) -> None:
    said = STANDARD.rules[field]
    assert field in DIRECTION
    assert (said.status, said.flags, said.law) == (RuleStatus.SET, (), None)
    assert said.confidence is not Confidence.UNCERTAIN
    assert (said.unit is None) == (said.counts_from is None) == isinstance(said.value, bool)


def test_a_repair_is_promised_within_thirty_days_of_the_request() -> None:
    said = STANDARD.rules[RuleField.MAX_REPAIR_DAYS]
    assert (said.value, said.unit, said.counts_from) == (30, Unit.CALENDAR_DAYS, CountsFrom.REQUEST)


def test_the_standard_promises_no_guarantee_of_its_own() -> None:
    assert set(STANDARD.rules) == {
        RuleField.FREE_OF_CHARGE_RETURN_SHIPPING,
        RuleField.MAX_REPAIR_DAYS,
        RuleField.CLOCK_STOPS_DURING_REPAIR,
    }
    assert not [name for name in SCHEMA["properties"]["rules"]["properties"] if "guarantee" in name]
