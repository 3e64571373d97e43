"""What single regions answer, typed by hand from the law's data. The key beside each row is where the value stands."""

from datetime import date

import pytest

from claims_api.domain.contract import Facts
from claims_api.domain.policy import Policy, Rule, resolve
from claims_api.domain.policy_words import CountsFrom, Coverage, Flag, RuleField, RuleStatus, Unit
from claims_api.policies import queries

TODAY = date(2026, 11, 22)
UNKNOWN_DAY = Facts(contract_on=None)

# region, field, status, value, unit, whose it is, source                                    key in statutory.yaml
SET = [
    ("DE", "statutory_guarantee_months", 24, "months", "DE", "Civil Code, § 438(1) no. 3"),  # DE rules
    ("DE-BY", "statutory_guarantee_months", 24, "months", "DE", "Civil Code, § 438(1) no. 3"),  # DE rules
    ("DE-BY", "burden_of_proof_months", 12, "months", "DE", "Civil Code, § 477(1)"),  # DE rules
    ("DE-BY", "used_goods_guarantee_months", 12, "months", "DE", "Civil Code, § 476(2)"),  # DE rules
    ("DE-BY", "withdrawal_function", True, None, "DE", "Civil Code, § 356a"),  # DE rules, effective_from 2026-06-19
    (
        "DE-BY",
        "guarantee_extension_after_repair_months",
        12,
        "months",
        "EU",
        "Directive (EU) 2024/1799 on common rules promoting the repair of goods, "
        "Art. 16 (inserts Art. 10(2a) in Directive (EU) 2019/771)",
    ),  # EU rules, effective_from 2026-07-31
    (
        "DE-BY",
        "data_localisation",
        "no",
        None,
        "EU",
        "Regulation (EU) 2018/1807 on the free flow of non-personal data, Art. 4",
    ),  # EU rules
    ("GB", "immediate_rejection_days", 30, "calendar_days", "GB", "Consumer Rights Act 2015, s. 22(3)"),  # GB rules
    ("GB", "burden_of_proof_months", 6, "months", "GB", "Consumer Rights Act 2015, s. 19(14)-(15)"),  # GB rules
    ("GB", "limitation_period_months", 72, "months", "GB", "Limitation Act 1980, s. 5"),  # GB rules
    (
        "GB-SCT",
        "limitation_period_months",
        60,
        "months",
        "GB-SCT",
        "Prescription and Limitation (Scotland) Act 1973, s. 6",
    ),  # GB-SCT rules
    (
        "GB-GLG",  # Glasgow is part of Scotland
        "limitation_period_months",
        60,
        "months",
        "GB-SCT",
        "Prescription and Limitation (Scotland) Act 1973, s. 6",
    ),  # GB-SCT rules
    ("GB-SCT", "immediate_rejection_days", 30, "calendar_days", "GB", "Consumer Rights Act 2015, s. 22(3)"),  # GB rules
    (
        "PL",
        "complaint_reply_days",
        14,
        "calendar_days",
        "PL",
        "Consumer Rights Act of 30 May 2014, Art. 7a(1)",
    ),  # PL rules
    (
        "PL",
        "deemed_accepted_on_silence",
        True,
        None,
        "PL",
        "Consumer Rights Act of 30 May 2014, Art. 7a(2)",
    ),  # PL rules
    (
        "PL",
        "burden_of_proof_months",
        24,
        "months",
        "PL",
        "Consumer Rights Act of 30 May 2014, Art. 43c(1)",
    ),  # PL rules
    ("TW", "withdrawal_days", 7, "calendar_days", "TW", "Consumer Protection Act, Art. 19(1)"),  # TW rules
    ("TW", "withdrawal_return_cost_bearer", "seller", None, "TW", "Consumer Protection Act, Art. 19(1)"),  # TW rules
    ("TW", "notice_duty_days", 0, "calendar_days", "TW", "Civil Code, Art. 356"),  # TW rules: 0 is "promptly"
    ("TW", "limitation_period_months", 6, "months", "TW", "Civil Code, Art. 365"),  # TW rules
    (
        "US-CA",
        "statutory_guarantee_months",
        60,
        "calendar_days",
        "US-CA",
        "Song-Beverly Consumer Warranty Act, Civil Code §§ 1790-1795.8, § 1791.1(c)",
    ),  # US-CA rules: days, although the field says months
    (
        "US-CA",
        "limitation_period_months",
        48,
        "months",
        "US",
        "Uniform Commercial Code, Article 2 (adopted by the states, except Louisiana), § 2-725",
    ),  # US rules
    ("NO", "statutory_guarantee_months", 24, "months", "NO", "Consumer Purchases Act, § 27(2)"),  # NO rules
    ("FR", "guarantee_extension_after_repair_months", 6, "months", "FR", "Consumer Code, Art. L217-13"),  # FR rules
    ("FR", "max_repair_days", 30, "calendar_days", "FR", "Consumer Code, Arts L217-10, L217-14 no. 2"),  # FR rules
    (
        "KR",
        "statutory_guarantee_months",
        12,
        "months",
        "KR",
        "Framework Act on Consumers, Consumer Dispute Resolution Standards (KFTC notice)",
    ),  # KR rules, binding: false
    (
        "KR",
        "refund_days",
        3,
        "business_days",
        "KR",
        "Act on the Consumer Protection in Electronic Commerce, Art. 18(2)",
    ),
    ("LI", "burden_of_proof_months", 12, "months", "LI", "Consumer Warranty Act, Art. 11(1)"),  # LI, from 2026-03-01
    (
        "LI",
        "withdrawal_return_cost_bearer",
        "consumer",
        None,
        "EEA",
        "Directive 2011/83/EU as incorporated, Art. 14(1)",
    ),  # EEA rules
    (
        "CA-QC",
        "withdrawal_days",
        7,
        "calendar_days",
        "CA-QC",
        "Consumer Protection Act (CQLR c. P-40.1), ss. 54.8-54.9",
    ),  # CA-QC rules, conditional
    ("CA-QC", "limitation_period_months", 36, "months", "CA-QC", "Civil Code of Quebec, s. 2925"),  # CA-QC rules
]

# region, field, status, whose it is                                                         key in statutory.yaml
NOT_SET = [
    ("GB", "statutory_guarantee_months", "none", "GB"),  # GB rules: no fixed length
    ("TW", "statutory_guarantee_months", "none", "TW"),  # TW rules
    ("US-CA", "withdrawal_days", "none", "US-CA"),  # US-CA rules: none stops inheritance
    ("US-CA", "burden_of_proof_months", "none", "US"),  # US rules
    ("DE", "max_repair_days", "none", "DE"),  # DE rules: none, although the EU leaves it to its members
    ("DE-BY", "spare_parts_months", "unknown", "EU"),  # EU rules: left_to_members
    ("NO", "used_goods_guarantee_months", "none", "NO"),  # NO rules
    ("CA", "withdrawal_days", "left_to_members", "CA"),  # CA rules
    ("CA-BC", "withdrawal_days", "unknown", "CA"),  # CA rules, seen by a province without an entry
    ("CA-QC", "max_repair_days", "unknown", "CA-QC"),  # CA-QC rules
    ("CA-QC", "complaint_reply_days", "unknown", "CA"),  # CA rules: left_to_members
    ("AD", "statutory_guarantee_months", "unknown", None),  # no entry: territories.yaml
    ("AD", "withdrawal_days", "unknown", None),
]


def of(code: str, today: date = TODAY) -> Policy:
    return resolve(queries.statute(), code, UNKNOWN_DAY, today)


def rule(code: str, field: str, today: date = TODAY) -> Rule:
    return of(code, today).rules[RuleField(field)]


@pytest.mark.parametrize(("code", "field", "value", "unit", "region", "source"), SET)
def test_a_rule_the_law_sets(
    code: str, field: str, value: int | str, unit: str | None, region: str, source: str
) -> None:
    found = rule(code, field)
    shown = (found.said.status, found.said.value, found.said.unit, found.region, found.said.source)
    assert shown == (RuleStatus.SET, value, unit and Unit(unit), region, source)


@pytest.mark.parametrize(("code", "field", "status", "region"), NOT_SET)
def test_a_rule_the_law_does_not_set(code: str, field: str, status: str, region: str | None) -> None:
    found = rule(code, field)
    assert (found.said.status, found.said.value, found.region) == (RuleStatus(status), None, region)


PATHS = [
    ("DE-BY", ("DE-BY", "DE", "EU"), False, Coverage.READ),
    ("DE", ("DE", "EU"), True, Coverage.READ),
    ("GB-SCT", ("GB-SCT", "GB"), True, Coverage.READ),
    ("GB-GLG", ("GB-GLG", "GB-SCT", "GB"), False, Coverage.READ),
    ("NO", ("NO", "EEA"), True, Coverage.READ),
    ("US-CA", ("US-CA", "US"), True, Coverage.READ),
    ("CA-QC", ("CA-QC", "CA"), True, Coverage.PARTLY_READ),
    ("AD", ("AD",), False, Coverage.NONE),
    ("FR-NC", ("FR-NC", "NC"), False, Coverage.NONE),  # shared_codes.yaml: a country of its own, no French law
    ("CN-HK", ("CN-HK", "HK"), False, Coverage.PARTLY_READ),  # shared_codes.yaml: Hong Kong's own law
]


@pytest.mark.parametrize(("code", "path", "own_entry", "coverage"), PATHS)
def test_whom_a_region_inherits_from(code: str, path: tuple[str, ...], own_entry: bool, coverage: Coverage) -> None:
    found = of(code)
    assert (found.path, found.own_entry, found.coverage) == (path, own_entry, coverage)


def test_a_subdivision_without_an_entry_keeps_its_own_holidays_and_its_country_s_other_days() -> None:
    found = of("DE-BY").calendar
    assert (found.holidays, found.weekend, found.time_zone) == ("DE-BY", ("sat", "sun"), "Europe/Berlin")
    assert found.period_rule is not None
    assert found.period_rule.source == "Civil Code, § 193"


def test_a_law_id_may_point_to_a_law_of_the_entry_itself() -> None:
    law = rule("DE-BY", "statutory_guarantee_months").said.law
    assert law is not None
    assert (law.id, law.name_local) == ("bgb", "Bürgerliches Gesetzbuch (BGB)")


def test_polish_silence_accepts_a_complaint_about_a_defect() -> None:
    silence = rule("PL", "deemed_accepted_on_silence").said.silence
    assert silence is not None
    assert silence.deadline is RuleField.COMPLAINT_REPLY_DAYS
    assert (silence.applies_to, silence.reply_form, silence.reply_moment) == (
        ("defect", "delivery"),
        "durable_medium",
        "unknown",
    )
    reply = rule("PL", "complaint_reply_days").said
    assert (reply.pausable, reply.rolls, reply.counts_from) == (False, None, CountsFrom.COMPLAINT_RECEIVED)


FLAGS = [
    ("KR", "statutory_guarantee_months", (Flag.NOT_BINDING,)),  # KR rules, binding: false
    ("DE", "used_goods_guarantee_months", (Flag.ONLY_IF_AGREED,)),  # DE rules
    ("CA-QC", "withdrawal_days", (Flag.CONDITIONAL,)),  # CA-QC rules
    ("DE-BY", "guarantee_extension_after_repair_months", (Flag.DEPENDS_ON_TRANSPOSITION,)),  # EU rules
    ("DE", "statutory_guarantee_months", ()),
]


@pytest.mark.parametrize(("code", "field", "flags"), FLAGS)
def test_what_a_value_may_not_decide_is_flagged(code: str, field: str, flags: tuple[Flag, ...]) -> None:
    assert rule(code, field).said.flags == flags


@pytest.mark.parametrize(("code", "own"), [("FR", 6), ("PT", 6)])  # FR, PT rules; EU rules say 12
def test_the_european_repair_extension_stands_beside_a_shorter_one_as_advice(code: str, own: int) -> None:
    found = rule(code, "guarantee_extension_after_repair_months")
    assert found.advisory is not None
    assert (found.said.value, found.advisory.said.value, found.advisory.region) == (own, 12, "EU")


def test_a_rule_that_starts_later_shows_the_older_one_and_what_comes() -> None:
    found = rule("CZ", "withdrawal_function")  # CZ rules: effective_from 2027-01-01
    assert (found.said.value, found.effective_from, found.before) == (False, date(2027, 1, 1), None)
    assert found.upcoming is not None
    assert found.upcoming.value is True


@pytest.mark.parametrize(("today", "months"), [(date(2026, 2, 28), 6), (date(2026, 3, 1), 12)])  # LI rules
def test_the_rule_changes_on_its_day(today: date, months: int) -> None:
    found = rule("LI", "burden_of_proof_months", today)
    assert (found.said.value, found.effective_from) == (months, date(2026, 3, 1))


def test_quebec_s_guarantee_of_good_working_order_starts_on_its_day() -> None:
    before, after = (of("CA-QC", day).category_guarantees[0] for day in (date(2026, 10, 4), date(2026, 10, 5)))
    assert before.rule.said.status is RuleStatus.NONE  # CA-QC category_guarantees, before
    assert (after.rule.said.value, after.rule.said.unit) == (72, Unit.MONTHS)
    assert after.rule.before is not None


def test_norway_s_longer_guarantee_needs_a_person_s_answer() -> None:
    (found,) = of("NO").category_guarantees
    assert (found.rule.said.value, found.about.question) == (60, "meant_to_last_considerably_longer_than_2_years")


def test_what_lost_is_in_the_trail() -> None:
    trail = rule("GB-SCT", "limitation_period_months").trail
    assert [(voice.region, voice.said.value) for voice in trail] == [("GB", 72)]


def test_a_bloc_that_leaves_a_matter_to_its_members_is_in_the_trail() -> None:
    (voice,) = rule("DE-BY", "spare_parts_months").trail
    assert (voice.region, voice.said.status) == ("EU", RuleStatus.LEFT_TO_MEMBERS)


def test_a_territory_inherits_nothing_from_the_country_it_is_related_to() -> None:
    found = of("GP")
    assert found.path == ("GP",)
    assert {one.said.status for one in found.rules.values()} == {RuleStatus.UNKNOWN}
    assert (found.currency, found.coverage) == ("EUR", Coverage.NONE)
