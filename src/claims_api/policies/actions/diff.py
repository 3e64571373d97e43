"""What changed for the consumer between two releases of the law, region by region."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from claims_api.domain.contract import NOT_ESTABLISHED, Facts, is_better
from claims_api.domain.policy import resolve
from claims_api.domain.policy_law import CategoryStatement, Entry, Statement, Statute
from claims_api.domain.policy_places import place_of
from claims_api.domain.policy_words import RuleField, RuleStatus
from claims_api.domain.regions import Region, RegionKind
from claims_api.policies.actions.diff_words import GUARANTEE, goods_of, members_of, notice_days


class NoLawThere(Exception):
    """A region without an entry of its own in both releases: its law is that of the country or bloc above it."""


class Direction(StrEnum):
    """What a change means for the consumer; `other`: the two do not compare, or not by themselves."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member of a statement in words; None where it is not there."""

    member: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What another statement means for contracts from `contracts_from` to the eve of `contracts_until`; None is open.

    `stated_by` is the region the new statement is of: another one than `region` where the change is inherited.
    """

    region: str
    field: str
    direction: Direction
    members: tuple[MemberChange, ...]
    contracts_from: date | None
    contracts_until: date | None
    stated_by: str | None
    law: str | None
    source: str | None

    @property
    def is_inherited(self) -> bool:
        """The region itself says nothing of it."""
        return self.stated_by is not None and self.stated_by != self.region


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """How much of a region's law is established, before and after; None where the release has no such entry."""

    region: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything between two releases. A region is added when its law gets an entry, removed when it loses it."""

    old: str
    new: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    coverage: tuple[CoverageChange, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement as it counts in a region, and the region it is of; `about` where it is of some goods only."""

    said: Statement
    region: str | None
    about: CategoryStatement | None = None


ABSENT = Stated(NOT_ESTABLISHED, None)
NO_GUARANTEE = Stated(Statement(RuleStatus.NONE, NOT_ESTABLISHED.confidence), None)
LawOn: TypeAlias = Mapping[str, Stated]
Period: TypeAlias = tuple[date | None, date | None]


def compare(old: Statute, new: Statute, region: str | None = None) -> Difference:
    """All that changed, in the order of codes, fields and contract dates; of one region where one is given.

    Raises: NoLawThere
    """
    codes = sorted({code for one in (old, new) for code, entry in one.entries.items() if entry.is_statutory})
    if region is not None:
        if region not in codes:
            raise NoLawThere(region)
        codes = [region]
    before, after = _completed(old, new.regions), _completed(new, old.regions)
    coverage = (CoverageChange(code, _coverage(old, code), _coverage(new, code)) for code in codes)
    return Difference(
        old=old.release,
        new=new.release,
        added=tuple(code for code in codes if not _has_law(old, code)),
        removed=tuple(code for code in codes if not _has_law(new, code)),
        coverage=tuple(one for one in coverage if one.old != one.new),
        changes=tuple(change for code in codes for change in _changes(before, after, code)),
    )


def _changes(old: Statute, new: Statute, code: str) -> Iterator[Change]:
    """The changes of one region; neighbouring periods with the same change are one."""
    periods = _periods(_days_of_change(old, code) | _days_of_change(new, code))
    laws = [(period, _law_on(old, code, period), _law_on(new, code, period)) for period in periods]
    fields = dict.fromkeys(field for _, before, after in laws for field in (*before, *after))
    for field in fields:
        open_change: Change | None = None
        for period, before, after in laws:
            change = _change(code, field, period, _said(before, field), _said(after, field))
            if change and open_change and _is_same(open_change, change):
                open_change = replace(open_change, contracts_until=change.contracts_until)
                continue
            if open_change:
                yield open_change
            open_change = change
        if open_change:
            yield open_change


def _change(code: str, field: str, period: Period, old: Stated, new: Stated) -> Change | None:
    before, after = members_of(old.said, old.about), members_of(new.said, new.about)
    names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    if not names:
        return None
    law = new.said.law
    return Change(
        region=code,
        field=field,
        direction=_direction(field, old, new),
        members=tuple(MemberChange(name, before.get(name), after.get(name)) for name in names),
        contracts_from=period[0],
        contracts_until=period[1],
        stated_by=new.region or old.region,
        law=law.name_en if law else None,
        source=new.said.source,
    )


def _direction(field: str, old: Stated, new: Stated) -> Direction:
    """Source: docs/law-data.md, the column "better for the consumer"."""
    if field == RuleField.NOTICE_DUTY_DAYS:
        return _notice_direction(old.said, new.said)
    if any(one.about and (one.about.price_bands or one.about.replaces_general) for one in (old, new)):
        return Direction.OTHER  # longer for some prices or goods and shorter for others
    compared = RuleField.STATUTORY_GUARANTEE_MONTHS if field.startswith(GUARANTEE) else RuleField(field)
    if is_better(compared, new.said, old.said):
        return Direction.BETTER
    return Direction.WORSE if is_better(compared, old.said, new.said) else Direction.OTHER


def _notice_direction(old: Statement, new: Statement) -> Direction:
    """A longer time to notify is better, and no duty at all is best."""
    before, after = notice_days(old), notice_days(new)
    are_alike = old.unit is new.unit or RuleStatus.NONE in (old.status, new.status)
    if before is None or after is None or before == after or not are_alike:
        return Direction.OTHER
    return Direction.BETTER if after > before else Direction.WORSE


def _law_on(statute: Statute, code: str, period: Period) -> LawOn:
    """What counts for contracts of a period. A bloc only speaks for itself; a place without any entry has no law."""
    start, end = period
    day = start or (end - timedelta(days=1) if end else date.max)
    region = statute.regions.get(code)
    if region is None or not place_of(statute, code).entries:
        return {}
    if region.kind is RegionKind.BLOC:
        spoken = statute.entries[code].statements
        return {field: Stated(_on(spoken[field], day), code) for field in RuleField if field in spoken}
    policy = resolve(statute, code, Facts(contract_on=day), day)
    law = {str(field): Stated(rule.said, rule.region) for field, rule in policy.rules.items()}
    for one in policy.category_guarantees:
        name = f"{GUARANTEE}[{goods_of(one.about)}]"
        twice = sum(field.startswith(name) for field in law)
        law[f"{name} {twice + 1}" if twice else name] = Stated(one.rule.said, one.rule.region, one.about)
    return law


def _on(statement: Statement, day: date) -> Statement:
    if statement.effective_from is None or statement.effective_from <= day:
        return statement
    return statement.before or NOT_ESTABLISHED


def _said(law: LawOn, field: str) -> Stated:
    return law.get(field, NO_GUARANTEE if law and field.startswith(GUARANTEE) else ABSENT)


def _days_of_change(statute: Statute, code: str) -> set[date]:
    """The contract dates on which the law of a region changes."""
    if code not in statute.regions:
        return set()
    entries: Sequence[Entry] = place_of(statute, code).entries
    said = [one for entry in entries for one in entry.statements.values()]
    said += [one.statement for entry in entries for one in entry.category_guarantees]
    return {one.effective_from for one in said if one.effective_from is not None}


def _periods(days: set[date]) -> list[Period]:
    edges: list[date | None] = [None, *sorted(days), None]
    return list(pairwise(edges))


def _is_same(one: Change, other: Change) -> bool:
    return replace(other, contracts_from=one.contracts_from, contracts_until=one.contracts_until) == one


def _completed(statute: Statute, others: Mapping[str, Region]) -> Statute:
    """The release on a tree that knows the other one's regions too: where it has no entry, it answers from above."""
    missing = {code: one for code, one in others.items() if code not in statute.regions}
    known = {*statute.regions, *missing}
    fitting = {code: one for code, one in missing.items() if one.parent is None or one.parent in known}
    return replace(statute, regions={**statute.regions, **fitting})


def _has_law(statute: Statute, code: str) -> bool:
    return code in statute.entries and statute.entries[code].is_statutory


def _coverage(statute: Statute, code: str) -> str | None:
    entry = statute.entries.get(code)
    return entry.coverage.value if entry and entry.coverage else None
