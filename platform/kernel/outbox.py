"""Committed events: written with the change that caused them, delivered at least once.

Delivery leaves one inbox row per consumer and event in the transaction of the effect, so that an
effect happens once however often the event arrives.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    String,
    bindparam,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.db import Table, TenantOwned, UtcDateTime, among, id_column, prepared, text_id
from kernel.events import DeliveredEvent, Event
from kernel.exceptions import raise_exception
from kernel.ids import ActorId, EventId, TenantId
from kernel.log import without_secrets
from kernel.uow import UnitOfWork
from kernel.work import Claim, LeaseColumns, LostLease, OpenUnit, WorkSource, backoff

DELIVERY_ATTEMPTS_MAX = 8


class OutboxEvent(TenantOwned, LeaseColumns, Table):
    """An event and how far its delivery has come. Rows are the log that `/api/events` reads."""

    __tablename__ = "outbox"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned | {"written_in", "settled_at"}

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str] = mapped_column(String(80))
    on_behalf_of: Mapped[str | None] = mapped_column(String(80))
    request_id: Mapped[str | None] = text_id()
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    written_in: Mapped[int] = mapped_column(
        BigInteger, server_default=text("pg_current_xact_id()::text::bigint")
    )
    """The transaction that wrote it: readers stop below the oldest transaction in flight."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When delivery ended, well or parked with an exception; None while it is still due."""

    __table_args__ = (
        Index("ix_outbox_feed", "tenant_id", "written_in", "id"),
        Index(
            "ix_outbox_due",
            "tenant_id",
            "next_at",
            "id",
            postgresql_where=text("settled_at IS NULL"),
        ),
    )


class InboxMessage(TenantOwned, Table):
    """Proof that a consumer's effect of an event is committed."""

    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(String(60), primary_key=True)
    message_id: Mapped[str] = id_column()
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Consumer:
    """Somebody who acts on events: `wanted` says on which, `receive` has the effect.

    `wanted` is a condition on `OutboxEvent`, asked together with the event itself, or chooses
    among names; then it depends on the tenant alone, so one answer serves all events of a name.

    `receive` runs in a transaction as the system, on behalf of whoever caused the event; it may
    run again after a failure, never after its commit.
    """

    name: str
    wanted: Callable[[UnitOfWork, Collection[str]], Collection[str]] | ColumnElement[bool]
    receive: Callable[[UnitOfWork, DeliveredEvent], None]


def consumer_of(
    name: str, events: Sequence[type[Event]], receive: Callable[[UnitOfWork, DeliveredEvent], None]
) -> Consumer:
    """Return a consumer of the named kinds of event."""
    wanted = frozenset(each.name for each in events)
    return Consumer(name, lambda _uow, names: wanted.intersection(names), receive)


def write_event(uow: UnitOfWork, name: str, values: Mapping[str, Any]) -> str:
    """Add an event to the outbox in the caller's transaction."""
    identity = uow.new_id("evt")
    uow.session.add(
        OutboxEvent(
            tenant_id=uow.tenant_id,
            id=identity,
            name=name,
            occurred_at=uow.now,
            actor_id=uow.actor.id,
            on_behalf_of=uow.actor.on_behalf_of,
            request_id=uow.request_id,
            data=to_json(values),
        )
    )
    uow.wake_workers()
    return identity


class Relay:
    """Brings committed events to every consumer that wants them."""

    def __init__(self, consumers: Sequence[Consumer], open_unit: OpenUnit) -> None:
        """Take the consumers in the order in which each event reaches them."""
        self._consumers = consumers
        self._open_unit = open_unit
        conditions = [
            each.wanted.label(each.name)
            for each in consumers
            if isinstance(each.wanted, ColumnElement)
        ]
        self._asking = prepared(select(*_TOLD, *conditions).where(among(OutboxEvent.id, "ids")))
        # What was found when a batch was sifted, until each is delivered by this very process.
        self._sifted: dict[Claim, _Wanted] = {}

    @property
    def source(self) -> WorkSource:
        """Due events as work for any worker."""
        return WorkSource("outbox", self.deliver, self.sift, takes_turns=True)

    def sift(self, claims: Sequence[Claim]) -> Sequence[Claim]:
        """Do together what needs no transaction of its own, tenant by tenant; return the rest.

        Most events are wanted by nobody: they are written for readers of the stream. And the
        first that one consumer wants, usually the only one, is done in the same transaction.
        """
        return [
            claim
            for tenant_id in dict.fromkeys(claim.tenant_id for claim in claims)
            for claim in self._sift(
                tenant_id, [each for each in claims if each.tenant_id == tenant_id]
            )
        ]

    def _sift(self, tenant_id: TenantId, claims: Sequence[Claim]) -> list[Claim]:
        first: _Wanted | None = None
        rest: list[_Wanted] = []
        try:
            with self._open_unit(tenant_id, system_actor("relay")) as uow:
                rest = self._wanted(uow, claims)
                if rest and len(rest[0].consumers) == 1:
                    first, *rest = rest
                kept = {each.claim for each in rest}
                unwanted = [claim for claim in claims if claim not in kept]
                # What only notes that nobody wants them is found out again if a crash loses it.
                settled = _settle_held(uow, unwanted, waits_for_disk=first is not None)
                if first is not None:
                    if first.claim.id not in settled:
                        raise LostLease(first.claim.id)
                    _deliver_to(uow, first.consumers[0], first, settles=False)
        except LostLease:
            pass
        except Exception as error:
            if first is None:
                raise
            self._postpone(first.claim, [(first.consumers[0], error)])
        self._sifted.update((each.claim, each) for each in rest)
        return [each.claim for each in rest]

    def _wanted(self, uow: UnitOfWork, claims: Sequence[Claim]) -> list["_Wanted"]:
        """Return the claimed events that somebody wants, in the order of their claims."""
        ids = [claim.id for claim in claims]
        found_rows = uow.session.execute(self._asking, {"ids": ids}).mappings()
        rows = {row["id"]: row for row in found_rows}
        names = {row["name"] for row in rows.values()}
        chosen = {
            each.name: each.wanted(uow, names)
            for each in self._consumers
            if not isinstance(each.wanted, ColumnElement)
        }

        def wants(consumer: Consumer, row: RowMapping) -> bool:
            among = chosen.get(consumer.name)
            return bool(row[consumer.name]) if among is None else row["name"] in among

        found = [
            _Wanted(claim, _delivered(row), [each for each in self._consumers if wants(each, row)])
            for claim, row in ((claim, rows[claim.id]) for claim in claims)
        ]
        return [each for each in found if each.consumers]

    def deliver(self, claim: Claim) -> None:
        """Deliver one event to every consumer that wants it, each in its own transaction.

        The last of these transactions also settles the event. A consumer that fails is tried
        again with a growing pause; the others get the event all the same, and get it once. After
        the last attempt the event is parked and an exception is raised for a person.
        """
        known = self._sifted.pop(claim, None)
        for wanted in [known] if known is not None else self._asked(claim):
            failures = self._deliver_apart(wanted)
            if failures:
                self._postpone(claim, failures)

    def _asked(self, claim: Claim) -> list["_Wanted"]:
        with self._open_unit(claim.tenant_id, system_actor("relay")) as uow:
            found = self._wanted(uow, [claim])
            if not found:
                _settle(uow, claim)
        return found

    def _deliver_apart(self, wanted: "_Wanted") -> list[tuple[Consumer, Exception]]:
        failures: list[tuple[Consumer, Exception]] = []
        for consumer in wanted.consumers:
            settles = consumer is wanted.consumers[-1] and not failures
            try:
                with self._open_unit(wanted.claim.tenant_id, system_actor("relay")) as uow:
                    _deliver_to(uow, consumer, wanted, settles=settles)
            except LostLease:
                raise
            except Exception as error:
                failures.append((consumer, error))
        return failures

    def _postpone(self, claim: Claim, failures: Sequence[tuple[Consumer, Exception]]) -> None:
        told = "; ".join(
            f"{each.name}: {type(error).__name__}: {error}" for each, error in failures
        )
        with self._open_unit(claim.tenant_id, system_actor("relay")) as uow:
            row = uow.session.get_one(OutboxEvent, (claim.tenant_id, claim.id))
            attempts = row.attempts + 1
            is_parked = attempts >= DELIVERY_ATTEMPTS_MAX
            _change_held(
                uow,
                claim,
                attempts=attempts,
                lease_until=None,
                next_at=func.clock_timestamp() + backoff(attempts),
                last_error=without_secrets(told)[:500],
                settled_at=uow.real_now if is_parked else None,
            )
            for consumer, error in failures if is_parked else ():
                raise_exception(
                    uow,
                    kind="event.undeliverable",
                    subject=Subject("event", claim.id),
                    cause=f"{consumer.name} failed {attempts} times: {type(error).__name__}",
                    due_within=timedelta(hours=4),
                )


@dataclass(frozen=True)
class _Wanted:
    """A claimed event and who wants it."""

    claim: Claim
    event: DeliveredEvent
    consumers: Sequence[Consumer]


def _deliver_to(uow: UnitOfWork, consumer: Consumer, wanted: _Wanted, *, settles: bool) -> None:
    event = wanted.event
    principal = event.on_behalf_of or event.actor_id
    with uow.acting_as(system_actor(consumer.name).acting_for(principal)):
        if settles:
            _settle(uow, wanted.claim)
        # Under its first claim an event cannot have reached anybody before.
        proof = (uow.tenant_id, consumer.name, event.id)
        if wanted.claim.fence > 1 and _is_received(uow, proof):
            return
        uow.session.add(
            InboxMessage(
                tenant_id=uow.tenant_id,
                consumer=consumer.name,
                message_id=event.id,
                received_at=uow.real_now,
            )
        )
        # Written first: of two deliveries at once, the second waits here and then fails.
        uow.session.flush()
        consumer.receive(uow, event)
        if not uow.has_recorded:
            uow.record("event.received", Subject("event", event.id))


def _is_received(uow: UnitOfWork, proof: tuple[TenantId, str, EventId]) -> bool:
    return uow.session.get(InboxMessage, proof) is not None


_TOLD = (
    OutboxEvent.id,
    OutboxEvent.name,
    OutboxEvent.data,
    OutboxEvent.occurred_at,
    OutboxEvent.actor_id,
    OutboxEvent.on_behalf_of,
)


def _delivered(row: RowMapping) -> DeliveredEvent:
    return DeliveredEvent(
        EventId(row["id"]),
        row["name"],
        row["data"],
        row["occurred_at"],
        ActorId(row["actor_id"]),
        ActorId(row["on_behalf_of"]) if row["on_behalf_of"] else None,
    )


def _settle_held(uow: UnitOfWork, claims: Sequence[Claim], *, waits_for_disk: bool) -> set[str]:
    """Settle those of the claims that are still held, and return their ids."""
    if not claims:
        return set()
    statement = _SETTLE if waits_for_disk else _SETTLE_SOON
    held = [(each.id, each.fence) for each in claims]
    told = {"tenant": uow.tenant_id, "held": held, "now": uow.real_now}
    return set(uow.session.connection().execute(statement, told).scalars())


# Core, with the tenant named: it is run for every event there is, and the rows it changes are
# mechanics that no audit entry proves (decision 165).
_ROW = OutboxEvent.__table__.c
_SETTLE = (
    update(OutboxEvent.__table__)  # type: ignore[arg-type] # A Table, never a join.
    .where(
        _ROW.tenant_id == bindparam("tenant"),
        tuple_(_ROW.id, _ROW.fence).in_(bindparam("held", expanding=True)),
        _ROW.settled_at.is_(None),
    )
    .values(settled_at=bindparam("now"), lease_until=None)
    .returning(_ROW.id)
)
# Of this transaction alone.
_SETTLE_SOON = _SETTLE.returning(func.set_config("synchronous_commit", "off", True))


def _settle(uow: UnitOfWork, claim: Claim) -> None:
    """Settle an event, or raise LostLease where it is not held any more."""
    if not _settle_held(uow, [claim], waits_for_disk=True):
        raise LostLease(claim.id)


def _change_held(uow: UnitOfWork, claim: Claim, **values: Any) -> None:
    """Write how far delivery has come, or raise LostLease where the event is not held any more."""
    changed = uow.session.execute(
        update(OutboxEvent)
        .where(
            OutboxEvent.id == claim.id,
            OutboxEvent.fence == claim.fence,
            OutboxEvent.settled_at.is_(None),
        )
        .values(**values)
        .returning(OutboxEvent.id)
        .execution_options(synchronize_session=False)
    )
    if changed.one_or_none() is None:
        raise LostLease(claim.id)
