"""A small made-up world: a bloc, two members, a province and a town, and the words laws are made of there."""

from dataclasses import replace
from datetime import date

from claims_api.domain.contract import Facts
from claims_api.domain.policy import Policy, Rule, resolve
from claims_api.domain.policy_law import Entry, Statement, Statute
from claims_api.domain.policy_words import Confidence, Coverage, Flag, RuleField, RuleStatus, Unit
from claims_api.domain.regions import Region, RegionKind

TODAY = date(2026, 11, 22)
UNKNOWN_DAY = Facts(contract_on=None)
LATER = date(2027, 1, 1)
GUARANTEE, FUNCTION = RuleField.STATUTORY_GUARANTEE_MONTHS, RuleField.WITHDRAWAL_FUNCTION
REPAIR_TIME, BEARER = RuleField.MAX_REPAIR_DAYS, RuleField.WITHDRAWAL_RETURN_COST_BEARER

REGIONS = {
    region.code: region
    for region in (
        Region("BLOC", "Bloc", RegionKind.BLOC, None),
        Region("AA", "A", RegionKind.COUNTRY, "BLOC", holidays="AA"),
        Region("AA-P", "Province", RegionKind.SUBDIVISION, "AA", holidays="AA-P"),
        Region("AA-T", "Town", RegionKind.SUBDIVISION, "AA-P"),
        Region("AA-X", "A and its own country", RegionKind.SUBDIVISION, "AA", same_as="XX"),
        Region("XX", "X", RegionKind.COUNTRY, None),
    )
}


def months(value: int, *flags: Flag) -> Statement:
    return Statement(RuleStatus.SET, Confidence.VERIFIED, value, Unit.MONTHS, flags=flags)


def says(status: RuleStatus) -> Statement:
    return Statement(status, Confidence.WELL_KNOWN, note=f"says {status}")


def truth(value: bool, *flags: Flag) -> Statement:
    return Statement(RuleStatus.SET, Confidence.WELL_KNOWN, value, flags=flags)


def entry(code: str, **members: object) -> Entry:
    known = Entry(code, is_statutory=True, coverage=Coverage.READ, statements={})
    return replace(known, **members)  # type: ignore[arg-type]  # members of Entry by name


def world(*entries: Entry) -> Statute:
    """A statute with these entries; countries without one are territories."""
    places = {code: replace(entry(code), is_statutory=False, coverage=Coverage.NONE) for code in ("AA", "XX")}
    return Statute("test", REGIONS, places | {one.code: one for one in entries})


def rule(statute: Statute, code: str, field: RuleField = GUARANTEE) -> Rule:
    return resolve(statute, code, UNKNOWN_DAY, TODAY).rules[field]


def known_policy(facts: Facts = UNKNOWN_DAY) -> Policy:
    return resolve(world(entry("AA", statements={GUARANTEE: months(24)})), "AA", facts, TODAY)
