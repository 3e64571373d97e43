"""Rate limits (GCRA): a row per caller in the database; a process buys the calls of a busy one from it in leases."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, Interval, SmallInteger, Table, Text, Uuid, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from claims_api.kit import logs
from claims_api.kit.database import Database, metadata
from claims_api.kit.retry import PASSING
from claims_api.kit.tenancy import tenant_column

WINDOW_SECONDS = 60
MOST_CALLS_IN_A_LEASE = 10
MOST_IN_MEMORY = 10_000
BUY_WITHIN_SECONDS = 0.5  # with the pool's second, a request without a database still ends within 1.5 s
ALONE_SECONDS = 1.0  # a database that did not sell is left alone for so long
PURCHASES_PER_SWEEP, ROWS_PER_SWEEP = 1_000, 2_000
_A_MOMENT = 1e-6  # the database's resolution; an instant of today, as a float, is exact to a quarter of it

Subject: TypeAlias = tuple[UUID, UUID]
"""Who is limited: the tenant, and its key or claim."""
Name = TypeVar("Name")
Kept = TypeVar("Kept")

rate_limits = Table(
    "rate_limits",
    metadata,
    tenant_column(),
    Column("subject_id", Uuid, primary_key=True),
    Column("whole_at", DateTime(timezone=True), nullable=False),
    Column("bought", SmallInteger, nullable=False),
    prefixes=["UNLOGGED"],  # a crash makes every quota whole again
)

# One statement is the whole transaction: the row's own first value tells row-level security the tenant. What lies more
# than a window ahead was written by a faster clock and is cut to a spent quota, which heals within the window.
BUY = text("""
    INSERT INTO rate_limits AS spent (tenant_id, subject_id, whole_at, bought)
    VALUES (CAST(set_config('app.tenant_id', :tenant, true) AS uuid), :subject, :now + :cost * :wanted, :wanted)
    ON CONFLICT (tenant_id, subject_id) DO UPDATE SET (whole_at, bought) = (
        SELECT start + :cost * calls, calls
        FROM (SELECT greatest(:now, least(spent.whole_at, :now + :span)) AS start) AS at,
             LATERAL (SELECT least(:wanted, floor(extract(epoch FROM :now + :span - start)
                                                  / extract(epoch FROM :cost))::integer) AS calls) AS sold)
    RETURNING whole_at, bought""").bindparams(
    bindparam("tenant", type_=Text),
    bindparam("subject", type_=Uuid),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("cost", type_=Interval),
    bindparam("span", type_=Interval),
    bindparam("wanted", type_=Integer),
)
AS_TENANT = text("SELECT set_config('app.tenant_id', :tenant, true)").bindparams(bindparam("tenant", type_=Text))
SWEEP = text("""
    DELETE FROM rate_limits WHERE tenant_id = :tenant AND subject_id IN (
        SELECT subject_id FROM rate_limits WHERE tenant_id = :tenant AND whole_at < :now
        LIMIT :batch FOR UPDATE SKIP LOCKED)""").bindparams(
    bindparam("tenant", type_=Uuid), bindparam("now", type_=DateTime(timezone=True)), bindparam("batch", type_=Integer)
)


@dataclass(frozen=True)
class Quota:
    """So many calls a minute: all at once after a rest, then one after the other as they come back."""

    limit: int
    name: str = "default"

    @cached_property
    def cost_seconds(self) -> float:
        """How long one call takes to come back: whole microseconds, rounded down, so that the limit always fits in."""
        return (WINDOW_SECONDS * 1_000_000 // self.limit) / 1e6

    @cached_property
    def span_seconds(self) -> float:
        """How long all of it takes."""
        return round(self.cost_seconds * self.limit, 6)

    @cached_property
    def lease(self) -> int:
        """Calls bought at once for a busy caller: a second's worth, 10 at the most. A small quota is counted singly."""
        return max(1, min(MOST_CALLS_IN_A_LEASE, self.limit // WINDOW_SECONDS))

    @cached_property
    def item(self) -> bytes:
        """Its name as a structured field."""
        return f'"{self.name}"'.encode()

    @cached_property
    def policy(self) -> tuple[bytes, bytes]:
        """The header that never changes."""
        return b"ratelimit-policy", self.item + f";q={self.limit};w={WINDOW_SECONDS}".encode()

    def room(self, whole_at: float, now: float) -> int:
        """Calls left at `now` of a quota that is whole again at `whole_at`."""
        behind = min(max(whole_at - now, 0.0), self.span_seconds)
        return int((self.span_seconds - behind + _A_MOMENT) / self.cost_seconds)


@dataclass(slots=True)
class Bucket:
    """A quota spent in this process alone. Times are seconds since the epoch."""

    whole_at: float = 0.0

    def take(self, quota: Quota, now: float, wanted: int = 1) -> int:
        """How many of the calls wanted there were; they are spent."""
        taken = min(wanted, quota.room(self.whole_at, now))
        self.whole_at = max(now, min(self.whole_at, now + quota.span_seconds)) + taken * quota.cost_seconds
        return taken

    def give_back(self, quota: Quota) -> None:
        """One call was not used after all."""
        self.whole_at -= quota.cost_seconds

    def wait_seconds(self, quota: Quota, now: float, calls: int = 1) -> float:
        """Until so many calls are there."""
        return max(0.0, self.whole_at - now - quota.span_seconds + calls * quota.cost_seconds)


class Allowance(NamedTuple):
    """Whether a call may pass, and what its answer says: `left` calls; `seconds` until the quota is whole, or, when
    none is left, until the next call is worth trying."""

    quota: Quota
    is_admitted: bool
    left: int
    seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651)."""
        return [self.quota.policy, (b"ratelimit", b"%b;r=%d;t=%d" % (self.quota.item, self.left, self.seconds))]


@dataclass(slots=True)
class Lease:
    """What a process has bought for one caller and not used yet."""

    seen: Bucket = field(default_factory=Bucket)  # the row, as it was at the last purchase
    left: int = 0
    size: int = 0
    bought_at: float = 0.0
    closed_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def spend(self, quota: Quota, now: float) -> Allowance | None:
        """Settles a call without asking anybody; None when calls must be bought."""
        if self.left and now < self.bought_at + WINDOW_SECONDS:
            self.left -= 1
            left = min(quota.limit, self.left + quota.room(self.seen.whole_at, now))
            seconds = self.seen.whole_at - now if left else self.seen.wait_seconds(quota, now)
            return Allowance(quota, True, left, max(1, ceil(seconds)))
        if now < self.closed_until <= now + WINDOW_SECONDS + 1:  # a clock set back closes nobody for longer
            return Allowance(quota, False, 0, max(1, ceil(self.closed_until - now)))
        return None

    def wanted(self, quota: Quota, now: float) -> int:
        """One call for a quiet caller; twice the last lease for one that used it up within a second."""
        return min(quota.lease, self.size * 2) if now < self.bought_at + 1 and self.size else 1

    def stock(self, quota: Quota, now: float, calls: int) -> None:
        """Takes in what was sold; nothing sold closes the caller here until a whole lease is there again."""
        self.left, self.size, self.bought_at = calls, calls, now
        if not calls:
            self.closed_until = now + max(_A_MOMENT, self.seen.wait_seconds(quota, now, quota.lease))
            self.size, self.bought_at = quota.lease, self.closed_until


class Memory(Generic[Name, Kept]):
    """One thing per name; the name that was away longest is forgotten when there are too many."""

    def __init__(self, make: Callable[[], Kept], most: int = MOST_IN_MEMORY) -> None:
        self._make, self._most = make, most
        self._kept: OrderedDict[Name, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: Name) -> bool:
        return name in self._kept

    def of(self, name: Name) -> Kept:
        """What is kept under the name, made when there is none."""
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = self._make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(name)
        return found


class Leases:
    """The leases of one process. A purchase has a connection to itself, apart from those of requests, one at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._sales = database.plain.execution_options(isolation_level="AUTOCOMMIT")
        self._one_sale = asyncio.Semaphore(1)
        self._purchases = 0
        self._leases: Memory[Subject, Lease] = Memory(Lease)
        self._alone_until = 0.0

    async def take(self, subject: Subject, quota: Quota, now: datetime) -> Allowance:
        """One call of the subject. Without the database this process counts by itself: nobody is refused for that."""
        at = now.timestamp()
        lease = self._leases.of(subject)
        settled = lease.spend(quota, at)
        if settled is not None:
            return settled
        if not at < self._alone_until <= at + ALONE_SECONDS:
            try:
                async with asyncio.timeout(BUY_WITHIN_SECONDS), lease.lock:
                    return lease.spend(quota, at) or await self._bought(lease, subject, quota, now)
            except (SQLAlchemyError, *PASSING) as error:
                self._alone_until = at + ALONE_SECONDS
                logs.refusal("rate_limit_alone", error)
        lease.stock(quota, at, lease.seen.take(quota, at))
        return _settled(lease, quota, at)

    async def _bought(self, lease: Lease, subject: Subject, quota: Quota, now: datetime) -> Allowance:
        given = {
            "tenant": str(subject[0]),
            "subject": subject[1],
            "now": now,
            "cost": timedelta(seconds=quota.cost_seconds),
            "span": timedelta(seconds=quota.span_seconds),
            "wanted": lease.wanted(quota, now.timestamp()),
        }
        async with self._one_sale:
            async with self._sales.connect() as db:
                sold = (await db.execute(BUY, given)).one()
            self._purchases += 1
            if self._purchases % PURCHASES_PER_SWEEP == 0:
                await sweep(self.database, subject[0], now)
        lease.seen.whole_at = sold.whole_at.timestamp()
        lease.stock(quota, now.timestamp(), sold.bought)
        return _settled(lease, quota, now.timestamp())


async def sweep(database: Database, tenant_id: UUID, now: datetime) -> int:
    """Deletes rows of a tenant that say no more than no row would; returns how many."""
    async with database.plain.begin() as db:
        await db.execute(AS_TENANT, {"tenant": str(tenant_id)})
        swept = await db.execute(SWEEP, {"tenant": tenant_id, "now": now.astimezone(UTC), "batch": ROWS_PER_SWEEP})
        return swept.rowcount


def _settled(lease: Lease, quota: Quota, now: float) -> Allowance:
    settled = lease.spend(quota, now)
    assert settled is not None, "a lease was just stocked, or closed"  # noqa: S101
    return settled
