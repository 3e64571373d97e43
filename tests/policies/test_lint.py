"""Every mistake an editor can make in the law is found, at its line, and the shipped law has none."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims_api.policies.actions.lint.checks import STAGES, Report, lint
from claims_api.policies.actions.lint.findings import Level
from claims_api.policies.actions.lint.sources import UnreadableSource

Row = dict[str, Any]
Files = dict[str, Row]
LAW, TERRITORIES, SHARED, STANDARD = "statutory.yaml", "territories.yaml", "shared_codes.yaml", "standard.yaml"


def statement(value: object, **more: object) -> Row:
    return {"status": "set", "value": value, "law": "act", "source": "Act, s. 1", "confidence": "well_known", **more}


def place(code: str, **more: object) -> Row:
    calendar = {"country": code[:2], "subdivision": code[3:] or None}
    return {
        "code": code,
        "name": f"Place {code}",
        "kind": "subdivision" if "-" in code else "country",
        "parent": None,
        "laws": [],
        "rules": {},
        "languages": ["en-GB"],
        "currency": "EUR",
        "weekend": ["sat", "sun"],
        "time_zone": "Europe/Berlin",
        "holiday_calendar": calendar,
        "coverage": "thin",
        **more,
    }


TIERS = [
    {"remedies": ["repair", "replacement"], "when": "always"},
    {
        "remedies": ["refund"],
        "when_any": ["cure_failed", {"within": {"value": 30, "unit": "calendar_days", "counts_from": "delivery"}}],
    },
]
RULES = {
    "statutory_guarantee_months": statement(24, unit="months", confidence="verified", evidence="text"),
    "notice_duty_days": statement(0, unit="calendar_days"),
    "withdrawal_days": statement(
        14,
        unit="calendar_days",
        effective_from="2027-01-01",
        before={"status": "unknown", "value": None, "confidence": "uncertain"},
    ),
    "deemed_accepted_on_silence": statement(
        True,
        applies_to=["defect"],
        deadline="complaint_reply_days",
        reply={"form": "written", "moment": "received"},
    ),
    "remedy_hierarchy": {
        "status": "set",
        "law": "act",
        "confidence": "well_known",
        "tiers": TIERS,
        "chooser": "consumer",
    },
    "spare_parts_months": statement(60, unit="months", conditional=True, note="Only if the parts are still made."),
}
BANDS = [
    {"currency": "EUR", "from": 100, "to": 500, "value": 24},
    {"currency": "EUR", "above": 500, "to": None, "value": 36},
]
GUARANTEES = [
    {
        "categories": ["furniture"],
        "test": "category",
        "status": "set",
        "unit": "months",
        "price_bands": BANDS,
        "law": "act",
        "confidence": "well_known",
    },
    {"categories": ["any"], "test": "judgement", "question": "meant_to_last", **statement(60, unit="months")},
]
CLEAN: Files = {
    LAW: {
        "schema": "claims_api/statutory-layer",
        "release": "2026.11",
        "as_of": "2026-11-22",
        "remedy_values": ["repair", "replacement", "price_reduction", "refund"],
        "ground_values": ["defect", "delivery"],
        "reply_form_values": ["written", "any"],
        "reply_moment_values": ["sent", "received"],
        "category_question_values": ["meant_to_last"],
        "counts_from_defaults": {"statutory_guarantee_months": "delivery"},
        "evidence": {"text": {"kind": "primary_text", "what": "The Act", "official_source": "https://law.example"}},
        "jurisdictions": [
            place(
                "DE",
                laws=[{"id": "act", "name_en": "Act"}],
                rules=RULES,
                category_guarantees=GUARANTEES,
                coverage="thin",
            ),
            place("US", time_zones=["America/New_York", "America/Chicago"], time_zone="America/New_York"),
            place("US-CA", parent="US"),
        ],
    },
    TERRITORIES: {
        "release": "2026.11",
        "as_of": "2026-11-22",
        "territories": [
            {
                "code": "AD",
                "name": "Andorra",
                "coverage": "none",
                "statutory": "not_established",
                "holiday_calendar": None,
            }
        ],
    },
    SHARED: {"same_as": {"US-PR": "PR"}},
    STANDARD: {"release": "2026.11"},
}


def linted(folder: Path, files: Files) -> Report:
    for name, rows in files.items():
        text = yaml.safe_dump(rows, sort_keys=False, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf-8")
    return lint(folder)


def law(files: Files) -> Row:
    return files[LAW]


def entry(files: Files, at: int = 0) -> Row:
    found: Row = files[LAW]["jurisdictions"][at]
    return found


def rule(files: Files, name: str = "statutory_guarantee_months") -> Row:
    found: Row = entry(files)["rules"][name]
    return found


def tier(files: Files, at: int = 0) -> Row:
    found: Row = rule(files, "remedy_hierarchy")["tiers"][at]
    return found


def guarantee(files: Files, at: int = 0) -> Row:
    found: Row = entry(files)["category_guarantees"][at]
    return found


def band(files: Files, at: int) -> Row:
    found: Row = guarantee(files)["price_bands"][at]
    return found


def territory(files: Files) -> Row:
    found: Row = files[TERRITORIES]["territories"][0]
    return found


Breaking = Callable[[Files], object]
RULE = "DE.rules.statutory_guarantee_months"
SILENCE = "DE.rules.deemed_accepted_on_silence"
TIER = "DE.rules.remedy_hierarchy.tiers.0"
FIRST, SECOND = "DE.category_guarantees.0", "DE.category_guarantees.1"
MISTAKES: dict[str, tuple[Breaking, str, str]] = {
    "a key nobody reads": (lambda f: rule(f).update(vlaue=3), "unknown-key", f"{RULE}.vlaue"),
    "a key nobody reads in a territory": (lambda f: territory(f).update(rules={}), "unknown-key", "AD.rules"),
    "a rule that is no field": (
        lambda f: entry(f)["rules"].update(warranty=rule(f)),
        "unknown-key",
        "DE.rules.warranty",
    ),
    "a key that is missing": (lambda f: rule(f).pop("confidence"), "wrong-shape", f"{RULE}.confidence"),
    "a day without quotes": (lambda f: law(f).update(as_of=20261122), "wrong-shape", "as_of"),
    "rules as a list": (lambda f: entry(f).update(rules=[]), "wrong-shape", "DE.rules"),
    "an amount in words": (lambda f: band(f, 0).update({"from": "100"}), "wrong-shape", f"{FIRST}.price_bands.0.from"),
    "another release of the territories": (
        lambda f: f[TERRITORIES].update(release="2026.12"),
        "release-mismatch",
        "release",
    ),
    "another release of the standard": (lambda f: f[STANDARD].update(release="2026.10"), "release-mismatch", "release"),
    "another day of the territories": (
        lambda f: f[TERRITORIES].update(as_of="2026-11-21"),
        "release-mismatch",
        "as_of",
    ),
    "a release of another month": (
        lambda f: [f[name].update(release="2026.1") for name in (LAW, TERRITORIES, STANDARD)],
        "release-mismatch",
        "release",
    ),
    "a list of words of its own": (lambda f: law(f).update(unit_values=["weeks"]), "vocabulary", "unit_values"),
    "a default start of no field": (
        lambda f: law(f)["counts_from_defaults"].update(wait="delivery"),
        "vocabulary",
        "counts_from_defaults.wait",
    ),
    "a country that is none": (lambda f: entry(f).update(code="DX"), "unknown-code", "DX.code"),
    "a subdivision that is none": (lambda f: entry(f, 2).update(code="US-XX"), "unknown-code", "US-XX.code"),
    "a kind that is none": (lambda f: entry(f).update(kind="city"), "unknown-code", "DE.kind"),
    "another code repeated": (lambda f: entry(f).update(iso_3166="DK"), "unknown-reference", "DE.iso_3166"),
    "a place that belongs to none": (lambda f: territory(f).update(related="XX"), "unknown-reference", "AD.related"),
    "two codes of no place": (
        lambda f: f[SHARED].update(same_as={"US-ZZ": "PR"}),
        "unknown-reference",
        "same_as.US-ZZ",
    ),
    "a code in both files": (lambda f: territory(f).update(code="US"), "duplicate-code", "US.code"),
    "a code twice in one file": (lambda f: law(f)["jurisdictions"].append(entry(f, 1)), "duplicate-code", "US.code"),
    "a parent without an entry": (lambda f: entry(f, 2).update(parent="CA"), "unknown-parent", "US-CA.parent"),
    "parents in a circle": (lambda f: entry(f, 1).update(parent="US-CA"), "unknown-parent", "US.parent"),
    "a country above a country": (lambda f: entry(f).update(parent="US"), "unknown-parent", "DE.parent"),
    "a currency that is none": (lambda f: entry(f, 1).update(currency="EUX"), "unknown-currency", "US.currency"),
    "another currency that is none": (
        lambda f: territory(f).update(other_currencies=["XX1"]),
        "unknown-currency",
        "AD.other_currencies.0",
    ),
    "a language that is none": (
        lambda f: entry(f).update(languages=["de-DE", "zz-DE"]),
        "unknown-language",
        "DE.languages.1",
    ),
    "no holiday calendar": (lambda f: entry(f).pop("holiday_calendar"), "holiday-calendar", "DE.holiday_calendar"),
    "a holiday calendar nobody publishes": (
        lambda f: entry(f)["holiday_calendar"].update(subdivision="ZZ"),
        "holiday-calendar",
        "DE.holiday_calendar",
    ),
    "the holidays of another place": (
        lambda f: entry(f)["holiday_calendar"].update(country="FR"),
        "holiday-calendar",
        "DE.holiday_calendar",
    ),
    "no time zone": (lambda f: entry(f).pop("time_zone"), "unknown-zone", "DE.time_zone"),
    "a time zone that is none": (lambda f: entry(f).update(time_zone="Europe/Bonn"), "unknown-zone", "DE.time_zone"),
    "the western zone first": (lambda f: entry(f, 1)["time_zones"].reverse(), "zone-order", "US.time_zones"),
    "the main zone left out": (lambda f: entry(f, 1).update(time_zone="America/Denver"), "zone-order", "US.time_zones"),
    "a day that is none": (lambda f: entry(f).update(weekend=["sat", "sunday"]), "unknown-day", "DE.weekend.1"),
    "a law that is not listed": (lambda f: rule(f).update(law="code"), "unknown-law", f"{RULE}.law"),
    "a law nothing rests on": (
        lambda f: entry(f)["laws"].append({"id": "spare", "name_en": "Spare"}),
        "unused-law",
        "DE.laws.spare",
    ),
    "verified by nothing": (lambda f: rule(f).pop("evidence"), "verified-without-evidence", f"{RULE}.confidence"),
    "evidence that is not listed": (lambda f: rule(f).update(evidence="other"), "unknown-evidence", f"{RULE}.evidence"),
    "evidence of no kind": (
        lambda f: law(f)["evidence"]["text"].update(kind="rumour"),
        "unknown-evidence",
        "evidence.text.kind",
    ),
    "evidence nothing rests on": (
        lambda f: law(f)["evidence"].update(more=law(f)["evidence"]["text"]),
        "unused-evidence",
        "evidence.more",
    ),
    "verified by what others say": (
        lambda f: law(f)["evidence"]["text"].update(kind="secondary"),
        "verified-by-secondary",
        f"{RULE}.confidence",
    ),
    "a day without what was before": (
        lambda f: rule(f).update(effective_from="2026-01-01"),
        "effective-from",
        f"{RULE}.effective_from",
    ),
    "what was before without a day": (
        lambda f: rule(f, "withdrawal_days").pop("effective_from"),
        "effective-from",
        "DE.rules.withdrawal_days.before",
    ),
    "what was before with a day": (
        lambda f: rule(f, "withdrawal_days")["before"].update(effective_from="2020-01-01"),
        "effective-from",
        "DE.rules.withdrawal_days.before.effective_from",
    ),
    "a day that does not exist": (
        lambda f: rule(f, "withdrawal_days").update(effective_from="2026-02-30"),
        "effective-from",
        "DE.rules.withdrawal_days.effective_from",
    ),
    "a condition nobody names": (
        lambda f: rule(f).update(conditional=True),
        "conditional-without-note",
        f"{RULE}.conditional",
    ),
    "a tier under a condition nobody names": (
        lambda f: tier(f).update(conditional=True),
        "conditional-without-note",
        f"{TIER}.conditional",
    ),
    "a confidence that is none": (
        lambda f: rule(f, "notice_duty_days").update(confidence="sure"),
        "unknown-word",
        "DE.rules.notice_duty_days.confidence",
    ),
    "a unit that is none": (lambda f: rule(f).update(unit="weeks"), "unknown-word", f"{RULE}.unit"),
    "a coverage that is none": (lambda f: entry(f).update(coverage="full"), "unknown-word", "DE.coverage"),
    "a confidence in privacy that is none": (
        lambda f: territory(f).update(privacy_confidence="sure"),
        "unknown-word",
        "AD.privacy_confidence",
    ),
    "a release as of no day": (
        lambda f: [f[name].update(as_of="soon") for name in (LAW, TERRITORIES)],
        "release-mismatch",
        "as_of",
    ),
    "set without a value": (lambda f: [rule(f).pop(name) for name in ("value", "unit")], "status-and-value", RULE),
    "none with a value": (lambda f: rule(f).update(status="none"), "status-and-value", f"{RULE}.value"),
    "a remedy order without tiers": (
        lambda f: rule(f, "remedy_hierarchy").pop("tiers"),
        "status-and-value",
        "DE.rules.remedy_hierarchy",
    ),
    "a truth for a number": (
        lambda f: [rule(f).update(value=True), rule(f).pop("unit")],
        "wrong-value",
        f"{RULE}.value",
    ),
    "a word that is no answer": (
        lambda f: entry(f)["rules"].update(data_localisation=statement("maybe")),
        "wrong-value",
        "DE.rules.data_localisation.value",
    ),
    "a number without a unit": (lambda f: rule(f).pop("unit"), "unit", RULE),
    "a unit without a number": (
        lambda f: rule(f, "deemed_accepted_on_silence").update(unit="months"),
        "unit",
        f"{SILENCE}.unit",
    ),
    "a guarantee of no length": (lambda f: rule(f).update(value=0), "zero", f"{RULE}.value"),
    "a prompt notice in months": (
        lambda f: rule(f, "notice_duty_days").update(unit="months"),
        "zero",
        "DE.rules.notice_duty_days.value",
    ),
    "a tier that never opens": (lambda f: tier(f).pop("when"), "tier-without-condition", TIER),
    "a condition that is none": (lambda f: tier(f).update(when="sometimes"), "unknown-condition", f"{TIER}.when"),
    "a period of no length": (
        lambda f: tier(f, 1)["when_any"][1]["within"].update(value=0),
        "unknown-condition",
        "DE.rules.remedy_hierarchy.tiers.1.when_any.1",
    ),
    "a remedy that is none": (
        lambda f: tier(f).update(remedies=["repair", "apology"]),
        "unknown-remedy",
        f"{TIER}.remedies.1",
    ),
    "a chooser that is none": (lambda f: tier(f).update(chooser="court"), "wrong-tier", f"{TIER}.chooser"),
    "attempts that are none": (lambda f: tier(f).update(attempts=0), "wrong-tier", f"{TIER}.attempts"),
    "silence without grounds": (
        lambda f: rule(f, "deemed_accepted_on_silence").pop("applies_to"),
        "silence",
        f"{SILENCE}.value",
    ),
    "silence without a deadline": (
        lambda f: rule(f, "deemed_accepted_on_silence").pop("deadline"),
        "silence",
        f"{SILENCE}.value",
    ),
    "silence without a reply": (
        lambda f: rule(f, "deemed_accepted_on_silence").pop("reply"),
        "silence",
        f"{SILENCE}.value",
    ),
    "a reply that is none": (
        lambda f: rule(f, "deemed_accepted_on_silence")["reply"].update(form="nod"),
        "silence",
        f"{SILENCE}.reply.form",
    ),
    "a category that is none": (
        lambda f: guarantee(f).update(categories=["boats"]),
        "unknown-category",
        f"{FIRST}.categories.0",
    ),
    "any goods without a judgement": (
        lambda f: guarantee(f).update(categories=["any"]),
        "unknown-category",
        f"{FIRST}.categories",
    ),
    "a judgement without a question": (
        lambda f: guarantee(f, 1).pop("question"),
        "judgement-without-question",
        f"{SECOND}.test",
    ),
    "a question nobody listed": (
        lambda f: guarantee(f, 1).update(question="is_it_nice"),
        "judgement-without-question",
        f"{SECOND}.question",
    ),
    "bands that overlap": (lambda f: band(f, 0).update(to=600), "price-bands", f"{FIRST}.price_bands.1"),
    "bands that share an amount": (
        lambda f: [band(f, 1).pop("above"), band(f, 1).update({"from": 500})],
        "price-bands",
        f"{FIRST}.price_bands.1",
    ),
    "bands with a gap": (lambda f: band(f, 1).update(above=501), "price-bands", f"{FIRST}.price_bands.1"),
    "a band without a start": (lambda f: band(f, 1).pop("above"), "price-bands", f"{FIRST}.price_bands.1"),
    "a band in other money": (
        lambda f: band(f, 1).update(currency="USD"),
        "price-bands",
        f"{FIRST}.price_bands.1.currency",
    ),
    "more coverage than there is": (lambda f: entry(f).update(coverage="read"), "coverage", "DE.coverage"),
    "a territory with coverage": (lambda f: territory(f).update(coverage="thin"), "coverage", "AD.coverage"),
}


FOLLOWS: dict[str, tuple[str, ...]] = {
    "a country that is none": ("holiday-calendar",),
    "a subdivision that is none": ("holiday-calendar",),
    "a kind that is none": ("unknown-parent",),
    "a parent without an entry": ("unknown-zone",),
    "evidence that is not listed": ("unused-evidence",),
    "verified by nothing": ("unused-evidence",),
}
"""What else a mistake is, because one thing breaks two promises."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_at_its_place_and_nothing_else_is(mistake: str, tmp_path: Path) -> None:
    break_it, name, where = MISTAKES[mistake]
    files = copy.deepcopy(CLEAN)
    break_it(files)

    findings = linted(tmp_path, files).findings

    assert (name, where) in [(one.rule, one.place) for one in findings]
    assert {one.rule for one in findings} <= {name, *FOLLOWS.get(mistake, ())}


def test_every_check_has_a_mistake_it_finds() -> None:
    by_hand = {"duplicate-key"}  # a dictionary cannot hold it: the test below writes it

    names = [check.name for stage in STAGES for check in stage]

    assert len(names) == len(set(names))
    assert set(names) == {name for _, name, _ in MISTAKES.values()} | by_hand


def test_sources_without_a_mistake_have_no_finding(tmp_path: Path) -> None:
    report = linted(tmp_path, copy.deepcopy(CLEAN))

    assert [str(one) for one in report.findings] == []
    assert report.summary(0.25) == "0 errors, 0 warnings in 0.2 s"


def test_the_shipped_law_has_no_error_and_only_laws_that_no_rule_rests_on() -> None:
    report = lint()

    assert [str(one) for one in report.findings if one.level is Level.ERROR] == []
    assert {one.rule for one in report.findings} <= {"unused-law"}
    assert report.is_whole


def test_a_finding_names_its_file_line_place_rule_and_the_way_out(tmp_path: Path) -> None:
    files = copy.deepcopy(CLEAN)
    MISTAKES["a currency that is none"][0](files)

    (found,) = linted(tmp_path, files).findings

    line = (tmp_path / LAW).read_text(encoding="utf-8").splitlines().index("  currency: EUX") + 1
    said = "`EUX` is no currency of ISO 4217: correct the code."
    assert str(found) == f"{LAW}:{line}: US.currency: unknown-currency: {said}"


def test_a_key_written_twice_is_found_where_yaml_would_take_the_later_one(tmp_path: Path) -> None:
    linted(tmp_path, copy.deepcopy(CLEAN))
    text = (
        (tmp_path / LAW)
        .read_text(encoding="utf-8")
        .replace("  currency: EUR\n", "  currency: EUR\n  currency: USD\n", 1)
    )
    (tmp_path / LAW).write_text(text, encoding="utf-8")

    (found,) = lint(tmp_path).findings

    assert (found.rule, found.place, found.line) == (
        "duplicate-key",
        "DE.currency",
        text.splitlines().index("  currency: USD") + 1,
    )


def test_a_warning_is_called_one_and_counts_as_one(tmp_path: Path) -> None:
    files = copy.deepcopy(CLEAN)
    MISTAKES["a law nothing rests on"][0](files)

    report = linted(tmp_path, files)

    assert "unused-law (warning): " in str(report.findings[0])
    assert report.summary(1.0) == "0 errors, 1 warning in 1.0 s"


def test_after_an_error_it_says_that_more_is_to_come(tmp_path: Path) -> None:
    files = copy.deepcopy(CLEAN)
    rule(files).update(vlaue=3)
    entry(files).update(coverage="read")

    report = linted(tmp_path, files)

    assert [one.rule for one in report.findings] == ["unknown-key"]
    assert report.summary(0.0) == "1 error, 0 warnings in 0.0 s; more is checked once these errors are gone"


def test_a_law_of_an_ancestor_may_be_named_and_counts_as_used(tmp_path: Path) -> None:
    files = copy.deepcopy(CLEAN)
    entry(files, 1)["laws"].append({"id": "above", "name_en": "Above"})
    entry(files, 2)["rules"]["refund_days"] = statement(14, unit="calendar_days", law="above")

    assert linted(tmp_path, files).findings == []


def test_a_kept_release_has_to_be_older_than_the_running_one(tmp_path: Path) -> None:
    kept = tmp_path / "releases" / "2026.12" / "statute.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"release": "2026.12", "as_of": "2026-12-01"}), encoding="utf-8")

    (found,) = linted(tmp_path, copy.deepcopy(CLEAN)).findings

    assert (found.rule, found.place) == ("release-mismatch", "release")
    assert "2026.12" in found.sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("release: [", "no YAML"),
        ("- a list", "no mapping"),
        ("", "no mapping"),
        ("release: 2026-02-30", "no YAML"),  # a day that does not exist
    ],
)
def test_what_cannot_be_read_at_all_is_said_in_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    linted(tmp_path, copy.deepcopy(CLEAN))
    (tmp_path / LAW).write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableSource, match=said):
        lint(tmp_path)


def test_a_folder_without_law_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"statutory\.yaml"):
        lint(tmp_path)


def parts_of(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every part of a document."""
    steps: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, child in steps:
        yield (*way, step)
        yield from parts_of(child, (*way, step))


@pytest.mark.parametrize("name", [LAW, TERRITORIES, SHARED])
@pytest.mark.parametrize("junk", ["x", None])
def test_whatever_is_written_is_answered_with_findings_and_never_with_a_stack(
    name: str, junk: str | None, tmp_path: Path
) -> None:
    linted(tmp_path, copy.deepcopy(CLEAN))
    for way in parts_of(CLEAN[name]):
        rows: Any = copy.deepcopy(CLEAN[name])
        around = rows
        for step in way[:-1]:
            around = around[step]
        around[way[-1]] = junk

        assert linted(tmp_path, {name: rows}).summary(0.0)


def test_the_standard_may_be_missing(tmp_path: Path) -> None:
    files = copy.deepcopy(CLEAN)
    del files[STANDARD]

    assert linted(tmp_path, files).findings == []
