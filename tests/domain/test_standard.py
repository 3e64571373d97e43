"""What the standard asks for, when some of it is known already; and who pays for the way back."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.domain.standard import (
    DEFAULT_ISSUE,
    ContactChannel,
    CostBearer,
    DocumentCode,
    DocumentRule,
    Formality,
    GlobalStandard,
    KnownFact,
    Medium,
    RefusalStyle,
    Requirement,
    ReturnCost,
    Tone,
    documents_for,
    fields_for,
    remedies_for,
    return_cost_bearer,
)
from claims_api.domain.vocabulary import Ground, RemedyKind


def rule(
    code: DocumentCode,
    requirement: Requirement = Requirement.REQUIRED,
    met_by: KnownFact = KnownFact.INSPECTION_FINDINGS,
    group: str | None = None,
    instead_of: DocumentCode | None = None,
) -> DocumentRule:
    return DocumentRule(code, code.value, requirement, (Medium.PHOTO,), frozenset({met_by}), group, instead_of)


RECEIPT = rule(DocumentCode.PROOF_OF_PURCHASE, met_by=KnownFact.ORDER_REF)
STATEMENT = rule(
    DocumentCode.BANK_STATEMENT,
    Requirement.ALTERNATIVE_TO,
    met_by=KnownFact.ORDER_REF,
    instead_of=DocumentCode.PROOF_OF_PURCHASE,
)
WORDS = rule(DocumentCode.DESCRIPTION, Requirement.ONE_OR_MORE, KnownFact.ISSUE_DESCRIPTION, "fault")
VIDEO = rule(DocumentCode.VIDEO_OF_DEFECT, Requirement.ONE_OR_MORE, group="fault")
PHOTO = rule(
    DocumentCode.PHOTO_OF_DEFECT,
    Requirement.ALTERNATIVE_TO,
    KnownFact.CARRIER_REPORT,
    None,
    DocumentCode.VIDEO_OF_DEFECT,
)
SERIAL = rule(DocumentCode.PHOTO_OF_SERIAL, Requirement.OPTIONAL, KnownFact.SERIAL_NUMBER)
EVERYTHING = (RECEIPT, STATEMENT, WORDS, VIDEO, PHOTO, SERIAL)
COSTS: Mapping[Ground, ReturnCost] = {
    Ground.DEFECT: ReturnCost(CostBearer.SELLER, CostBearer.SELLER),
    Ground.DELIVERY: ReturnCost(CostBearer.CONSUMER, CostBearer.CONSUMER),
    Ground.WITHDRAWAL: ReturnCost(None, CostBearer.SELLER),
}
STANDARD = GlobalStandard(
    release="2026.11",
    service={},
    facts={},
    documents={"noise": EVERYTHING, DEFAULT_ISSUE: (RECEIPT,)},
    fields={"noise": ("/order/ref", "/order/delivered_on"), DEFAULT_ISSUE: ("/order/ref",)},
    remedies={"noise": (RemedyKind.GUIDANCE, RemedyKind.REPAIR), DEFAULT_ISSUE: (RemedyKind.REPAIR,)},
    return_cost=COSTS,
    retention={},
    tone=Tone(Formality.FORMAL, RefusalStyle.SOFTENED, (ContactChannel.EMAIL,)),
    rules={},
)


def to_bring(*already_given: str) -> tuple[DocumentRule, ...]:
    return documents_for(STANDARD, "noise", frozenset(already_given))


def test_with_nothing_known_all_is_asked_for_in_the_standards_order() -> None:
    assert to_bring() == EVERYTHING


def test_a_known_order_meets_the_proof_of_purchase_and_what_would_stand_in_for_it() -> None:
    assert to_bring("order_ref") == (WORDS, VIDEO, PHOTO, SERIAL)


def test_an_alternative_that_is_there_meets_what_it_stands_in_for() -> None:
    assert to_bring("bank_statement") == (WORDS, VIDEO, PHOTO, SERIAL)


def test_words_in_text_meet_the_group_they_are_in() -> None:
    assert to_bring("issue_description") == (RECEIPT, STATEMENT, SERIAL)


def test_an_alternative_to_one_of_a_group_meets_the_group() -> None:
    assert to_bring("carrier_report") == (RECEIPT, STATEMENT, SERIAL)


def test_a_document_that_is_there_is_not_asked_for_again() -> None:
    assert to_bring("photo_of_serial") == (RECEIPT, STATEMENT, WORDS, VIDEO, PHOTO)


def test_a_word_that_means_nothing_meets_nothing() -> None:
    assert to_bring("favourite_colour") == EVERYTHING


@pytest.mark.parametrize("code", ["x_wobbles", "", "NOISE"])
def test_an_issue_the_standard_does_not_name_gets_what_holds_for_every_other(code: str) -> None:
    assert documents_for(STANDARD, code) == (RECEIPT,)
    assert fields_for(STANDARD, code) == ("/order/ref",)
    assert remedies_for(STANDARD, code) == (RemedyKind.REPAIR,)


def test_a_field_that_is_given_is_not_wanted_any_more() -> None:
    assert fields_for(STANDARD, "noise", frozenset({"/order/ref"})) == ("/order/delivered_on",)


def test_remedies_come_in_the_order_of_sense() -> None:
    assert remedies_for(STANDARD, "noise") == (RemedyKind.GUIDANCE, RemedyKind.REPAIR)


GIVEN = st.frozensets(st.sampled_from([word.value for kind in (KnownFact, DocumentCode) for word in kind]))


@given(GIVEN, GIVEN)
def test_who_gives_more_is_never_asked_for_more(one: frozenset[str], other: frozenset[str]) -> None:
    assert set(to_bring(*one, *other)) <= set(to_bring(*one))


@given(GIVEN)
def test_nobody_is_asked_for_an_alternative_to_nothing(words: frozenset[str]) -> None:
    asked = to_bring(*words)
    assert {one.instead_of for one in asked} - {None} <= {one.code for one in asked}


@given(GIVEN)
def test_a_group_is_asked_for_as_a_whole_or_not_at_all(words: frozenset[str]) -> None:
    assert len({WORDS, VIDEO} & set(to_bring(*words))) in (0, 2)


def test_a_fact_and_a_document_never_share_a_word() -> None:
    assert not set(KnownFact) & {word.value for word in DocumentCode}


@pytest.mark.parametrize(
    ("ground", "by_law", "bearer"),
    [
        (Ground.DEFECT, None, CostBearer.SELLER),
        (Ground.DEFECT, CostBearer.CONSUMER, CostBearer.SELLER),  # the promise gives more than the law
        (Ground.WITHDRAWAL, CostBearer.CONSUMER, CostBearer.CONSUMER),  # the standard follows the law
        (Ground.WITHDRAWAL, CostBearer.SELLER, CostBearer.SELLER),
        (Ground.WITHDRAWAL, None, CostBearer.SELLER),  # where the law is silent
        (Ground.DELIVERY, CostBearer.SELLER, CostBearer.SELLER),  # a promise below the law does not count
        (Ground.DELIVERY, None, CostBearer.CONSUMER),
    ],
)
def test_the_way_back_is_paid_by(ground: Ground, by_law: CostBearer | None, bearer: CostBearer) -> None:
    assert return_cost_bearer(STANDARD, ground, by_law) is bearer
