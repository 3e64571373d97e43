"""Turns the built standard into the domain's values. It trusts the built form: the builder checks that."""

from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_words import Confidence, CountsFrom, RuleField, RuleStatus, Unit
from claims_api.domain.standard import (
    ContactChannel,
    CostBearer,
    DocumentCode,
    DocumentRule,
    Fact,
    Formality,
    GlobalStandard,
    Kept,
    KnownFact,
    Medium,
    RefusalStyle,
    Requirement,
    Retention,
    RetentionReason,
    ReturnCost,
    ServiceTerm,
    Term,
    TermOwner,
    TermStart,
    Tone,
)
from claims_api.domain.vocabulary import Ground, RemedyKind, StartsWhen
from claims_api.policies.data.reading import Row

_AS_LAW = "as_law"
_SOURCE = "Global standard"


def global_standard(built: Row) -> GlobalStandard:
    """The standard of a built file."""
    kinds, issues, tone = built["document_kinds"], built["issues"], built["tone"]
    return GlobalStandard(
        release=built["release"],
        service={ServiceTerm(name): _term(row) for name, row in built["service"].items()},
        facts={KnownFact(name): Fact(row["meaning"], row.get("path")) for name, row in built["facts"].items()},
        documents={code: tuple(_document(kinds, one) for one in row["documents"]) for code, row in issues.items()},
        fields={code: tuple(row["fields"]) for code, row in issues.items()},
        remedies={code: tuple(RemedyKind(word) for word in row["remedies"]) for code, row in issues.items()},
        return_cost={Ground(name): _return_cost(row) for name, row in built["return_cost"].items()},
        retention={
            Kept(name): Retention(row["months"], RetentionReason(row["reason"]))
            for name, row in built["retention"].items()
        },
        tone=Tone(
            Formality(tone["formality"]),
            RefusalStyle(tone["refusal"]),
            tuple(ContactChannel(word) for word in tone["channels"]),
        ),
        rules={RuleField(name): _statement(row) for name, row in built["rules"].items()},
        refund_starts_when={
            Ground(name): StartsWhen(word)
            for name, word in built["service"][ServiceTerm.REFUND]["refund_starts_when"].items()
        },
    )


def _term(row: Row) -> Term:
    return Term(
        value=row["value"],
        unit=Unit(row["unit"]),
        starts_with=TermStart(row["starts_with"]),
        owed_by=TermOwner(row["owed_by"]),
        meaning=row["meaning"],
    )


def _document(kinds: Row, row: Row) -> DocumentRule:
    kind, instead_of = kinds[row["code"]], row.get("instead_of")
    return DocumentRule(
        code=DocumentCode(row["code"]),
        label=kind["label"],
        requirement=Requirement(row["requirement"]),
        media=tuple(Medium(word) for word in kind["media"]),
        met_by=frozenset(KnownFact(word) for word in kind["met_by"]),
        group=row.get("group"),
        instead_of=DocumentCode(instead_of) if instead_of else None,
    )


def _return_cost(row: Row) -> ReturnCost:
    if row["bearer"] == _AS_LAW:
        return ReturnCost(None, CostBearer(row["where_law_is_silent"]))
    bearer = CostBearer(row["bearer"])
    return ReturnCost(bearer, bearer)


def _statement(row: Row) -> Statement:
    """A promise has no law; it is as certain as our own word, so it may decide and time things."""
    return Statement(
        status=RuleStatus.SET,
        confidence=Confidence.VERIFIED,
        value=row["value"],
        unit=Unit(row["unit"]) if "unit" in row else None,
        counts_from=CountsFrom(row["counts_from"]) if "counts_from" in row else None,
        source=_SOURCE,
        note=row["meaning"],
    )
