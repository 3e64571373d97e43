"""What changed between two releases: who gains, who loses, from which contract on, and whose law it is."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from claims_api.domain.policy_law import Statute
from claims_api.policies.actions import diff_report
from claims_api.policies.actions.diff import Change, CoverageChange, Difference, Direction, NoLawThere, compare
from claims_api.policies.queries.releases import (
    FOLDER,
    ReleasesDisagree,
    read_built,
    release_for,
    shipped,
    statute_of,
)

Row = dict[str, Any]
ACT = {"id": "act", "name_en": "Sales Act"}


def said(value: object = None, **more: object) -> Row:
    found = {"status": "set", "confidence": "well_known", "law": "act", "source": "Sales Act, s. 1", **more}
    return found if value is None else found | {"value": value}


def months(value: int, **more: object) -> Row:
    return said(value, unit="months", **more)


def days(value: int, **more: object) -> Row:
    return said(value, unit="calendar_days", **more)


NONE: Row = {"status": "none", "confidence": "well_known"}
UNKNOWN: Row = {"status": "unknown", "confidence": "uncertain"}


def place(code: str, rules: Row, **more: object) -> Row:
    kind = "bloc" if code == "EU" else "subdivision" if "-" in code else "country"
    coverage = {} if kind == "bloc" else {"coverage": "well_known"}
    return {"code": code, "name": code, "kind": kind, "laws": [ACT], "rules": rules, **coverage, **more}


def release(*places: Row, name: str = "2026.11", territories: tuple[str, ...] = ()) -> Row:
    return {
        "release": name,
        "as_of": f"{name.replace('.', '-')}-22",
        "evidence": {},
        "counts_from_defaults": {},
        "jurisdictions": list(places),
        "territories": [{"code": code, "name": code, "coverage": "none"} for code in territories],
    }


def law(*places: Row, name: str = "2026.11", territories: tuple[str, ...] = ()) -> Statute:
    return statute_of(release(*places, name=name, territories=territories))


def changes(old: Row, new: Row) -> list[tuple[str, Direction]]:
    """The changes of one place that says `old` first and `new` then."""
    return [(one.field, one.direction) for one in compare(law(place("DE", old)), law(place("DE", new))).changes]


def only(difference: Difference) -> Change:
    (change,) = difference.changes
    return change


BETTER, WORSE, OTHER = Direction.BETTER, Direction.WORSE, Direction.OTHER
DIRECTIONS: dict[str, tuple[str, Row, Row, Direction]] = {
    "a longer guarantee": ("statutory_guarantee_months", months(24), months(36), BETTER),
    "a shorter guarantee": ("statutory_guarantee_months", months(24), months(12), WORSE),
    "a guarantee where there was none": ("statutory_guarantee_months", NONE, months(12), BETTER),
    "a guarantee that is gone": ("statutory_guarantee_months", months(24), NONE, WORSE),
    "a guarantee now established": ("statutory_guarantee_months", UNKNOWN, months(24), OTHER),
    "a guarantee in another unit": ("statutory_guarantee_months", months(1), days(45), OTHER),
    "a quicker reply": ("complaint_reply_days", days(30), days(14), BETTER),
    "a slower reply": ("complaint_reply_days", days(14), days(30), WORSE),
    "a truth for the consumer": ("withdrawal_function", said(False), said(True), BETTER),
    "the seller pays": ("withdrawal_return_cost_bearer", said("consumer"), said("seller"), BETTER),
    "more time to notify": ("notice_duty_days", months(1), months(2), BETTER),
    "less time to notify": ("notice_duty_days", months(2), months(1), WORSE),
    "no duty to notify any more": ("notice_duty_days", months(2), NONE, BETTER),
    "a new duty to notify": ("notice_duty_days", NONE, months(2), WORSE),
    "a duty to notify in another unit": ("notice_duty_days", months(2), days(30), OTHER),
    "data that has to stay": ("data_localisation", said("no"), said("yes"), OTHER),
    "another confidence": ("refund_days", days(14), days(14, confidence="uncertain"), OTHER),
}


@pytest.mark.parametrize("case", DIRECTIONS)
def test_a_change_is_better_or_worse_for_the_consumer_or_neither(case: str) -> None:
    field, old, new, direction = DIRECTIONS[case]

    assert changes({field: old}, {field: new}) == [(field, direction)]


def test_a_release_does_not_differ_from_itself() -> None:
    shipped_law = statute_of(read_built(shipped()[-1].file))

    found = compare(shipped_law, shipped_law)

    assert (found.added, found.removed, found.coverage, found.changes) == ((), (), (), ())
    assert diff_report.as_text(found).endswith("No rule changed.")


def test_a_change_names_old_and_new_value_and_the_law_and_source_of_the_new_one() -> None:
    old, new = months(24), months(36, confidence="uncertain", source="Sales Act, s. 2")

    change = only(
        compare(
            law(place("DE", {"statutory_guarantee_months": old})), law(place("DE", {"statutory_guarantee_months": new}))
        )
    )

    assert [(one.member, one.old, one.new) for one in change.members] == [
        ("value", "24 months", "36 months"),
        ("confidence", "well_known", "uncertain"),
        ("source", "Sales Act, s. 1", "Sales Act, s. 2"),
    ]
    assert (change.law, change.source, change.is_inherited) == ("Sales Act", "Sales Act, s. 2", False)
    assert (change.contracts_from, change.contracts_until) == (None, None)


def test_what_a_bloc_changes_is_inherited_by_members_that_say_nothing_themselves() -> None:
    def both(value: int) -> Statute:
        own = place("FR", {"refund_days": days(7)}, parent="EU")
        return law(place("EU", {"refund_days": days(value)}), place("DE", {}, parent="EU"), own)

    found = compare(both(14), both(10)).changes

    assert [(one.region, one.stated_by, one.is_inherited) for one in found] == [("DE", "EU", True), ("EU", "EU", False)]


def test_a_bloc_s_own_law_is_read_by_the_contract_s_day_too() -> None:
    old, new = days(14), days(10, effective_from="2027-01-01", before=days(14))

    change = only(compare(law(place("EU", {"refund_days": old})), law(place("EU", {"refund_days": new}))))

    assert (change.contracts_from, change.direction) == (date(2027, 1, 1), BETTER)


def test_a_law_that_comes_later_changes_only_the_contracts_from_its_day_on() -> None:
    old = months(24)
    new = months(36, effective_from="2027-01-01", before=old)

    change = only(
        compare(
            law(place("DE", {"statutory_guarantee_months": old})), law(place("DE", {"statutory_guarantee_months": new}))
        )
    )

    assert (change.contracts_from, change.contracts_until) == (date(2027, 1, 1), None)
    assert change.direction is BETTER


def test_a_law_put_off_changes_the_contracts_between_its_two_days() -> None:
    def starting(day: str) -> Statute:
        return law(place("DE", {"refund_days": days(7, effective_from=day, before=days(14))}))

    change = only(compare(starting("2027-01-01"), starting("2027-07-01")))

    assert (change.contracts_from, change.contracts_until) == (date(2027, 1, 1), date(2027, 7, 1))
    assert change.direction is WORSE


def test_a_value_that_changes_for_all_contracts_is_one_change_in_spite_of_days_elsewhere() -> None:
    dated = days(7, effective_from="2027-01-01", before=days(14))

    def with_guarantee(value: int) -> Row:
        return {"refund_days": dated, "statutory_guarantee_months": months(value)}

    assert changes(with_guarantee(24), with_guarantee(36)) == [("statutory_guarantee_months", BETTER)]


def test_a_country_whose_law_is_read_for_the_first_time_is_added() -> None:
    old = law(place("DE", {}), territories=("AD",))

    found = compare(old, law(place("DE", {}), place("AD", {"refund_days": days(14)}), name="2026.12"))

    assert (found.old, found.new, found.added, found.removed) == ("2026.11", "2026.12", ("AD",), ())
    assert found.coverage == (CoverageChange("AD", "none", "well_known"),)
    assert only(found).members[0].old == "unknown"


def test_a_subdivision_that_gets_its_own_entry_is_compared_with_what_its_country_gave_it() -> None:
    country = place("US", {"refund_days": days(30)})

    found = compare(law(country), law(country, place("US-CA", {"refund_days": days(10)}, parent="US")))

    change = only(found)
    assert found.added == ("US-CA",)
    assert (change.region, change.direction) == ("US-CA", BETTER)
    assert (change.members[0].old, change.members[0].new) == ("30 calendar_days", "10 calendar_days")


def test_a_removed_entry_is_named_and_falls_back_on_what_is_above_it() -> None:
    country = place("US", {"refund_days": days(30)})

    found = compare(law(country, place("US-CA", {"refund_days": days(10)}, parent="US")), law(country))

    assert found.removed == ("US-CA",)
    assert found.coverage == (CoverageChange("US-CA", "well_known", None),)
    assert only(found).direction is WORSE
    assert only(found).is_inherited


def test_a_country_that_was_in_neither_file_before_is_added_with_its_law() -> None:
    found = compare(law(), law(place("DE", {"refund_days": days(14)})))

    assert found.added == ("DE",)
    assert only(found).members[0].new == "14 calendar_days"


def test_coverage_that_changes_is_named_without_any_rule_that_does() -> None:
    found = compare(law(place("DE", {})), law(place("DE", {}, coverage="read")))

    assert found.coverage == (CoverageChange("DE", "well_known", "read"),)
    assert found.changes == ()


def guarantee(value: int | None, **more: object) -> Row:
    length = months(0) if value is None else months(value)
    return {"categories": ["furniture"], "test": "category", **length, **more}


GUARANTEES: dict[str, tuple[list[Row], list[Row], list[Direction]]] = {
    "a new one": ([], [guarantee(60)], [BETTER]),
    "one that is gone": ([guarantee(60)], [], [WORSE]),
    "a longer one": ([guarantee(60)], [guarantee(72)], [BETTER]),
    "one that stands in place of the general one": ([], [guarantee(12, replaces_general=True)], [OTHER]),
    "a second one for the same goods": ([guarantee(60)], [guarantee(60), guarantee(72)], [BETTER]),
    "other price bands": (
        [guarantee(None, price_bands=[{"currency": "EUR", "from": 1, "value": 24}])],
        [guarantee(None, price_bands=[{"currency": "EUR", "from": 9, "value": 24}])],
        [OTHER],
    ),
}


@pytest.mark.parametrize("case", GUARANTEES)
def test_guarantees_of_categories_are_compared_by_their_goods(case: str) -> None:
    old, new, directions = GUARANTEES[case]

    found = compare(law(place("DE", {}, category_guarantees=old)), law(place("DE", {}, category_guarantees=new)))

    assert [one.direction for one in found.changes] == directions
    assert all(one.field.startswith("category_guarantees[furniture]") for one in found.changes)


def test_remedies_are_shown_in_words_and_left_to_the_reader_to_judge() -> None:
    def tiers(when: str) -> Row:
        return {"remedy_hierarchy": said(tiers=[{"remedies": ["repair"], "when": when}], chooser="consumer")}

    change = only(compare(law(place("DE", tiers("always"))), law(place("DE", tiers("not_minor")))))

    assert change.direction is OTHER
    assert change.members[0].old == "repair when always (consumer chooses)"
    assert change.members[0].new == "repair when not_minor (consumer chooses)"


def test_one_region_can_be_asked_for() -> None:
    old, new = ({"refund_days": days(value)} for value in (14, 10))

    found = compare(law(place("DE", old), place("FR", old)), law(place("DE", new), place("FR", new)), "FR")

    assert [one.region for one in found.changes] == ["FR"]


def test_a_region_without_law_of_its_own_cannot_be_asked_for() -> None:
    with pytest.raises(NoLawThere):
        compare(law(place("DE", {})), law(place("DE", {})), "FR")


def test_the_text_is_a_table_with_the_count_last() -> None:
    old = law(place("DE", {"refund_days": days(14), "notice_duty_days": NONE}))
    new = law(place("DE", {"refund_days": days(10), "notice_duty_days": months(2)}, coverage="read"), name="2026.12")

    assert diff_report.as_text(compare(old, new)).splitlines() == [
        "2026.11 -> 2026.12",
        "coverage of DE: well_known -> read",
        "",
        "region  field             change                                for the consumer  contracts",
        "DE      notice_duty_days  none -> 2 months                      worse             all",
        "    law: (not said) -> Sales Act",
        "    source: (not said) -> Sales Act, s. 1",
        "DE      refund_days       14 calendar_days -> 10 calendar_days  better            all",
        "    law: Sales Act",
        "    source: Sales Act, s. 1",
        "",
        "2 changes for the consumer: 1 better, 1 worse, 0 other",
    ]


def test_the_json_holds_the_whole_difference_with_days_as_text() -> None:
    later = {"refund_days": days(10, effective_from="2027-01-01", before=days(14))}

    told = json.loads(
        diff_report.as_json(compare(law(place("DE", {"refund_days": days(14)})), law(place("DE", later))))
    )

    assert set(told) == {"old", "new", "added", "removed", "coverage", "changes"}
    assert told["changes"][0]["contracts_from"] == "2027-01-01"
    assert told["changes"][0]["direction"] == "better"


def keep(folder: Path, *releases: tuple[str, str]) -> Path:
    """A folder with these releases, the last one the running one."""
    for at, (name, as_of) in enumerate(releases, 1):
        home = folder if at == len(releases) else folder / "releases" / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "statute.json").write_text(json.dumps({"release": name, "as_of": as_of}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 21), None),  # the eve of the first one
        (date(2026, 11, 22), "2026.11"),
        (date(2027, 2, 14), "2026.11"),  # the eve of the second one
        (date(2027, 2, 15), "2027.02"),
        (date(2099, 1, 1), "2027.02"),
    ],
)
def test_every_day_has_the_release_that_counted_then(day: date, name: str | None, tmp_path: Path) -> None:
    folder = keep(tmp_path, ("2026.11", "2026-11-22"), ("2027.02", "2027-02-15"))

    found = release_for(day, folder)

    assert (found and found.name) == name


def test_one_release_is_shipped_and_counts_from_the_day_it_says() -> None:
    running = read_built(FOLDER / "statute.json")

    assert [(one.name, str(one.counts_from)) for one in shipped()][-1] == (running["release"], running["as_of"])
    assert release_for(date(2026, 11, 21)) is None
    assert release_for(date(2026, 11, 22)) == shipped()[0]


@pytest.mark.parametrize("twin", [("2026.11", "2027-02-15"), ("2027.02", "2026-11-22")])
def test_two_releases_of_one_name_or_one_day_are_refused(twin: tuple[str, str], tmp_path: Path) -> None:
    folder = keep(tmp_path, ("2026.11", "2026-11-22"), twin)

    with pytest.raises(ReleasesDisagree, match=r"2026[.-]11"):
        shipped(folder)
