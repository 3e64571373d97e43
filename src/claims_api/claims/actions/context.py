"""What the domain needs beyond the claim: the policy of its region, its zones, and how long things stay open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries import read
from claims_api.domain.calendars import NO_DAYS_OFF
from claims_api.domain.commands import Context, LikelyDuplicate, Windows
from claims_api.domain.contract import Facts
from claims_api.domain.policy import Policy
from claims_api.domain.policy_law import LawTier, RemedyOrder
from claims_api.domain.policy_pin import canonical_json
from claims_api.domain.policy_return_cost import return_cost_of
from claims_api.domain.policy_words import Confidence, RuleField
from claims_api.domain.remedies import Chooser, Tier
from claims_api.domain.standard import CostBearer, ServiceTerm
from claims_api.domain.vocabulary import Ground
from claims_api.policies import queries
from claims_api.policies.actions import pins
from claims_api.policies.actions.calendars import working_calendar
from claims_api.policies.actions.resolve import Pinned, policy_of

_FURTHEST = timezone(timedelta(hours=14))
UNKNOWN_PLACE = ("Etc/GMT+12",)  # where nothing is known the customer's day ends where it ends last


class OrderFacts(Protocol):
    """The facts of an order that choose a policy, of a submission or of a stored claim."""

    @property
    def purchased_on(self) -> date | None: ...
    @property
    def delivered_on(self) -> date | None: ...
    @property
    def sold_by(self) -> str | None: ...


@lru_cache(maxsize=1)
def windows() -> Windows:
    """The standard's windows, in calendar days."""
    service = queries.standard().service
    return Windows(
        appeal_days=service[ServiceTerm.APPEAL_WINDOW].value,
        draft_days=service[ServiceTerm.DRAFT].value,
        reopen_days=service[ServiceTerm.REOPEN_WINDOW].value,
        reopen_withdrawn_days=service[ServiceTerm.REOPEN_WINDOW_WITHDRAWN].value,
    )


@dataclass(frozen=True)
class Sale:
    """What chooses the policy of a claim. `delivered_on` is the first day on which anything of it was delivered."""

    region: str
    facts: Facts
    delivered_on: date | None


def sale_of(region: str, customer_kind: str | None, order: OrderFacts, delivered: Iterable[date | None]) -> Sale:
    """The sale behind a claim; what nobody said is read in the customer's favour."""
    facts = Facts(order.purchased_on, is_consumer=customer_kind != "business", is_ours=order.sold_by != "other")
    return Sale(region, facts, min((day for day in (order.delivered_on, *delivered) if day), default=None))


def pin_of(sale: Sale, now: datetime) -> Pinned:
    """The policy a claim is pinned to when it is filed now.

    Raises: UnknownRegion, RegionIsABloc
    """
    return policy_of(sale.region, now.date(), sale.facts, sale.delivered_on)


def pin_body(pinned: Pinned) -> bytes:
    """The pinned policy's own bytes, whose hash is its id; 20 kB, stored once per tenant."""
    return canonical_json(pinned.policy)


async def pinned_policy(db: AsyncConnection, tenant_id: UUID, pin: bytes) -> Policy:
    """What a claim was filed under, years later too; asked of the database once per process.

    Raises: CorruptPin
    """
    return pins.known(pin) or pins.policy_from(pin, await read.pin_body(db, tenant_id, pin))


def context_of(
    policy: Policy | None, time_zone: str | None, now: datetime, twin: LikelyDuplicate | None = None
) -> Context:
    """The context of a decision; without a policy (a draft without a region) no law and no place is known."""
    return Context(
        windows=windows(),
        zones=_zones(policy, time_zone),
        tiers=_tiers(policy) if policy else (),
        likely_duplicate=twin,
        refund_starts_when=queries.standard().refund_starts_when,
        return_cost=return_cost(policy) if policy else {},
        calendar=working_calendar(policy.calendar, (now.year, now.year + 1)) if policy else NO_DAYS_OFF,
    )


def return_cost(policy: Policy) -> Mapping[Ground, CostBearer]:
    """Who pays for goods to travel back, by the ground of their line."""
    return {ground: return_cost_of(policy, queries.standard(), ground).bearer for ground in Ground}


def _zones(policy: Policy | None, time_zone: str | None) -> tuple[str, ...]:
    if time_zone:
        return (time_zone,)
    if policy is None or policy.calendar.time_zone is None:
        return UNKNOWN_PLACE
    return policy.calendar.time_zones or (policy.calendar.time_zone,)


def _tiers(policy: Policy) -> tuple[Tier, ...]:
    rule = policy.rules[RuleField.REMEDY_HIERARCHY]
    order = rule.said.remedies
    if order is None:
        return ()
    return tuple(_tier(tier, order, rule.said.confidence) for tier in order.tiers)


def _tier(tier: LawTier, order: RemedyOrder, confidence: Confidence) -> Tier:
    chooser = tier.chooser or order.chooser or Chooser.CONSUMER
    return Tier(
        remedies=frozenset(tier.remedies),
        chooser=chooser,
        when=tier.when,
        when_any=tier.when_any,
        attempts=tier.attempts or 1,
        is_conditional=tier.conditional,
        is_uncertain=(tier.confidence or confidence) is Confidence.UNCERTAIN,
        except_categories=frozenset(tier.except_categories),
    )


def furthest_today(now: datetime) -> date:
    """The date where the day is furthest ahead (UTC+14): a delivery there today is not in the future."""
    return now.astimezone(_FURTHEST).date()
