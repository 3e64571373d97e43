"""What is found about a withdrawal: in time or not, to the microsecond, and what was read in the customer's favour."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import NOW, SHIRT, submitted

from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.claim import Claim, Line
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Category, Unit
from claims_api.domain.vocabulary import SalesChannel
from claims_api.domain.withdrawals import (
    NO_LAW_OF_WITHDRAWAL,
    Excepted,
    Finding,
    Right,
    Sure,
    WithdrawalLaw,
    finding_data,
    withdrawal_of,
)

TICK = timedelta(microseconds=1)
ASCENSION = date(2026, 5, 14)
SAT_SUN = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable({ASCENSION: "Ascension Day"}), 2027: DayTable()})
FRI_SAT = replace(SAT_SUN, weekend=frozenset({"fri", "sat"}))
LAW = WithdrawalLaw(
    right=Right.GIVEN,
    span=Span(14, Unit.CALENDAR_DAYS),
    law="act",
    source="Act, section 1",
    may_decide=True,
    calendar=SAT_SUN,
    is_weekend_known=True,
    zones=("Europe/Berlin",),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def declared(at: datetime, *lines: Line) -> Claim:
    return replace(submitted(*lines or (SHIRT,)).claim, submitted_at=at)


def found(at: datetime, law: WithdrawalLaw = LAW, **changes: object) -> Finding:
    line = replace(SHIRT, **changes)  # type: ignore[arg-type]  # the names are checked by replace itself
    (finding,) = withdrawal_of(declared(at, line), law, NOW)
    return finding


def days(value: int, *zones: str, calendar: WorkingCalendar = SAT_SUN) -> WithdrawalLaw:
    return replace(LAW, span=Span(value, Unit.CALENDAR_DAYS), zones=zones, calendar=calendar)


LAST_INSTANTS = {
    "14 days in Berlin": (days(14, "Europe/Berlin"), "2026-03-10", "2026-03-24", "2026-03-24 23:00"),
    "over the change of clocks": (days(14, "Europe/Berlin"), "2026-03-16", "2026-03-30", "2026-03-30 22:00"),
    "back over it": (days(14, "Europe/Berlin"), "2026-10-13", "2026-10-27", "2026-10-27 23:00"),
    "7 days in Taipei": (days(7, "Asia/Taipei"), "2026-03-10", "2026-03-17", "2026-03-17 16:00"),
    "far east": (days(14, "Pacific/Auckland"), "2026-06-02", "2026-06-16", "2026-06-16 12:00"),
    "half an hour off": (days(10, "Asia/Kolkata"), "2026-06-05", "2026-06-15", "2026-06-15 18:30"),
    "west of Greenwich": (days(3, "America/New_York"), "2026-03-06", "2026-03-09", "2026-03-10 04:00"),
    "where clocks skip midnight": (days(14, "Africa/Cairo"), "2026-04-09", "2026-04-23", "2026-04-23 22:00"),
    "a Saturday rolls": (days(14, "Europe/Berlin"), "2026-03-07", "2026-03-23", "2026-03-23 23:00"),
    "a holiday rolls": (days(14, "Europe/Berlin"), "2026-04-30", "2026-05-15", "2026-05-15 22:00"),
    "another weekend": (days(14, "Asia/Dubai", calendar=FRI_SAT), "2026-03-06", "2026-03-22", "2026-03-22 20:00"),
    "the last of several zones": (
        days(14, "America/New_York", "Pacific/Honolulu"), "2026-06-02", "2026-06-16", "2026-06-17 10:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("law", "delivered", "last", "end"), LAST_INSTANTS.values(), ids=LAST_INSTANTS.keys())
def test_the_last_day_runs_to_its_very_end(law: WithdrawalLaw, delivered: str, last: str, end: str) -> None:
    on, end_at = date.fromisoformat(delivered), utc(end)

    in_time, late = found(end_at - TICK, law, delivered_on=on), found(end_at, law, delivered_on=on)

    assert (in_time.is_in_time, late.is_in_time) == (Sure.YES, Sure.NO)
    assert in_time.last_day == late.last_day == date.fromisoformat(last)
    assert late.assumed == ()
    assert found(end_at + TICK, law, delivered_on=on).is_in_time is Sure.NO


def test_a_finding_names_the_period_and_its_law() -> None:
    finding = found(NOW)

    assert (finding.span, finding.law, finding.source) == (LAW.span, "act", "Act, section 1")
    assert finding.declared_at == NOW
    assert finding.is_surely_due


def test_who_withdraws_before_the_goods_are_there_is_in_time() -> None:
    assert found(NOW, delivered_on=date(2026, 12, 24)).is_in_time is Sure.YES


def test_a_place_with_several_zones_is_read_in_the_customers_favour_and_it_is_said() -> None:
    law, on = days(14, "America/New_York", "Pacific/Honolulu"), date(2026, 6, 2)

    between = found(utc("2026-06-17 04:00"), law, delivered_on=on)

    assert (between.is_in_time, between.assumed) == (Sure.YES, ("time_zone",))
    assert not between.is_surely_due
    assert found(utc("2026-06-17 04:00") - TICK, law, delivered_on=on).assumed == ()


def test_without_a_day_of_delivery_nobody_is_late() -> None:
    finding = found(NOW + timedelta(days=3000), delivered_on=None)

    assert (finding.is_in_time, finding.last_day, finding.assumed) == (Sure.UNKNOWN, None, ("delivered_on",))


LONG_AGO = date(2026, 3, 10)
DOUBTS = {
    "a law in doubt": (replace(LAW, may_decide=False), ("law",)),
    "a law that hangs on a fact": (replace(LAW, may_decide=False, assumed=("contract_date",)), ("contract_date",)),
    "a weekend nobody agrees on": (replace(LAW, is_weekend_known=False), ("days_off",)),
}


@pytest.mark.parametrize(("law", "assumed"), DOUBTS.values(), ids=DOUBTS.keys())
def test_a_rule_that_may_not_decide_makes_nobody_late(law: WithdrawalLaw, assumed: tuple[str, ...]) -> None:
    finding = found(NOW, law, delivered_on=LONG_AGO)

    assert (finding.is_in_time, finding.assumed) == (Sure.UNKNOWN, assumed)


def test_a_holiday_that_may_have_been_makes_nobody_late() -> None:
    unknown_2026 = replace(LAW, calendar=WorkingCalendar(frozenset({"sat", "sun"})))

    assert found(NOW, unknown_2026, delivered_on=LONG_AGO).is_in_time is Sure.UNKNOWN
    assert found(NOW, unknown_2026).assumed == ()


@pytest.mark.parametrize(("law", "assumed"), list(DOUBTS.values())[:2], ids=list(DOUBTS)[:2])
def test_in_time_by_a_law_in_doubt_is_in_time_but_not_surely(law: WithdrawalLaw, assumed: tuple[str, ...]) -> None:
    finding = found(NOW, law)

    assert (finding.is_in_time, finding.assumed, finding.is_surely_due) == (Sure.YES, assumed, False)


def test_a_period_that_starts_earlier_than_the_delivery_is_surely_over_after_it() -> None:
    from_purchase = replace(LAW, starts_with_delivery=False)

    assert found(NOW, from_purchase).assumed == ("period_start",)
    assert found(NOW, from_purchase, delivered_on=LONG_AGO).is_in_time is Sure.NO


def test_goods_that_came_one_after_the_other_may_be_one_order() -> None:
    early, late = replace(SHIRT, delivered_on=LONG_AGO), replace(SHIRT, position=2)

    first, second = withdrawal_of(declared(NOW, early, late), LAW, NOW)

    assert (first.is_in_time, first.assumed) == (Sure.UNKNOWN, ("separate_delivery",))
    assert (second.is_in_time, second.assumed) == (Sure.YES, ())


def test_hours_would_need_the_instant_of_the_delivery() -> None:
    finding = found(NOW, replace(LAW, span=Span(72, Unit.HOURS)))

    assert (finding.is_in_time, finding.last_day) == (Sure.UNKNOWN, None)


def test_business_days_leave_out_the_days_off() -> None:
    law = replace(LAW, span=Span(5, Unit.BUSINESS_DAYS))

    assert found(NOW, law, delivered_on=date(2026, 5, 11)).last_day == date(2026, 5, 19)


NO_RIGHT = WithdrawalLaw(right=Right.NONE, law="none", zones=LAW.zones)
NOT_OURS = WithdrawalLaw(right=Right.NOT_OURS)
ONLINE, SHOP, DOOR = SalesChannel.DISTANCE, SalesChannel.IN_STORE, SalesChannel.OFF_PREMISES


@pytest.mark.parametrize(
    ("law", "channel", "expected"),
    [
        (LAW, ONLINE, Sure.YES),
        (LAW, DOOR, Sure.YES),
        (LAW, SHOP, Sure.NO),
        (LAW, None, Sure.UNKNOWN),
        (NO_RIGHT, ONLINE, Sure.NO),
        (NO_RIGHT, DOOR, Sure.UNKNOWN),
        (NO_RIGHT, SHOP, Sure.NO),
        (NO_RIGHT, None, Sure.UNKNOWN),
        (NOT_OURS, ONLINE, Sure.NO),
        (NOT_OURS, None, Sure.NO),
        (NO_LAW_OF_WITHDRAWAL, ONLINE, Sure.YES),
        (NO_LAW_OF_WITHDRAWAL, SHOP, Sure.NO),
    ],
)
def test_the_right_is_for_sales_away_from_a_shop(
    law: WithdrawalLaw, channel: SalesChannel | None, expected: Sure
) -> None:
    finding = found(NOW, law, sales_channel=channel)

    assert finding.is_covered_sale is expected
    assert ("sales_channel" in finding.assumed) is (channel is None)


@pytest.mark.parametrize("law", [NO_RIGHT, NOT_OURS, NO_LAW_OF_WITHDRAWAL])
def test_where_no_period_is_known_nobody_is_late(law: WithdrawalLaw) -> None:
    finding = found(NOW, law, delivered_on=LONG_AGO)

    assert (finding.is_in_time, finding.span, finding.last_day) == (Sure.UNKNOWN, None, None)
    assert not finding.is_surely_due


@pytest.mark.parametrize("category", [*Category, None])
def test_a_person_looks_at_goods_that_laws_often_except(category: Category | None) -> None:
    finding = found(NOW, category=category)

    judged = {"perishables", "medical_devices", "other"}
    assert finding.excepted is (Excepted.JUDGEMENT if category in judged else Excepted.NO)
    assert finding.is_surely_due is (category is not None and category not in judged)
    assert finding.assumed == (() if category else ("category",))


def test_all_that_was_assumed_is_said_once_and_in_order() -> None:
    law = replace(LAW, may_decide=False, assumed=("contract_date",))

    finding = found(NOW, law, delivered_on=None, sales_channel=None, category=None)

    assert finding.assumed == ("delivered_on", "sales_channel", "category", "contract_date")


def test_a_finding_as_data_leaves_out_a_period_nobody_knows() -> None:
    data = finding_data(found(NOW, NO_LAW_OF_WITHDRAWAL))

    assert (data["period"], data["last_day"]) == (None, None)


laws = st.builds(
    WithdrawalLaw,
    right=st.sampled_from(Right),
    span=st.none() | st.builds(Span, st.integers(0, 60), st.sampled_from([Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS])),
    may_decide=st.booleans(),
    starts_with_delivery=st.booleans(),
    assumed=st.sampled_from([(), ("contract_date",)]),
    calendar=st.just(SAT_SUN),
    is_weekend_known=st.booleans(),
    zones=st.sampled_from([("Europe/Berlin",), ("Etc/GMT+12",), ("Asia/Tokyo", "America/Lima")]),
)
lines = st.builds(
    replace,
    st.just(SHIRT),
    delivered_on=st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 30)),
    sales_channel=st.none() | st.sampled_from(SalesChannel),
    category=st.none() | st.sampled_from([each.value for each in Category]),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@given(laws, lines, instants)
def test_nobody_is_late_by_a_rule_that_may_not_decide_or_an_assumed_fact(
    law: WithdrawalLaw, line: Line, at: datetime
) -> None:
    (finding,) = withdrawal_of(declared(at, line), law, NOW)

    if finding.is_in_time is Sure.NO:
        assert law.may_decide
        assert line.delivered_on is not None
        assert not {"law", "days_off", "time_zone", "delivered_on"} & set(finding.assumed)
    if finding.is_surely_due:
        assert law.may_decide
        assert not finding.assumed


@given(laws, lines, instants, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_who_declares_earlier_never_fares_worse(law: WithdrawalLaw, line: Line, at: datetime, by: timedelta) -> None:
    order = [Sure.YES, Sure.UNKNOWN, Sure.NO]
    (later,), (earlier,) = withdrawal_of(declared(at, line), law, NOW), withdrawal_of(declared(at - by, line), law, NOW)

    assert order.index(earlier.is_in_time) <= order.index(later.is_in_time)
