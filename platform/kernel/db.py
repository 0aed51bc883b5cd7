"""Tables and sessions: a session sees one tenant, and only what that tenant owns."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVarTuple, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    Select,
    String,
    TypeDecorator,
    any_,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.pool import ConnectionPoolEntry

from kernel.canonical import read_json
from kernel.clock import monotonic_seconds
from kernel.ids import ID_LENGTH_MAX, TenantId

Selected = TypeVarTuple("Selected")

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

SECRET = {"secret": True}
"""Column info: the value never enters audit payloads, logs or exports."""

PERSONAL = {"personal": True}
"""Column info: the value is a person's; audit payloads only say that it changed."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC on both sides; a naive datetime is a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants."""
        del dialect
        assert value is None or value.tzinfo is not None, "an instant needs its time zone"
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC whatever the connection's time zone."""
        del dialect
        return value.astimezone(UTC) if value is not None else None


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class TenantOwned:
    """Mixin of every table that belongs to tenants: `tenant_id` leads its primary key.

    `version` counts the row's changes: it is the ETag of versioned resources, the guard against
    lost updates, and what the audit log compares a row's digest by. `ungoverned` names the
    columns that carry mechanics (leases, counters of attempts) and stay outside that digest.
    """

    ungoverned: ClassVar[frozenset[str]] = frozenset()

    # sort_order: the tenant comes first in the primary key, whatever the order of mixins.
    tenant_id: Mapped[TenantId] = mapped_column(
        String(ID_LENGTH_MAX), primary_key=True, sort_order=-100
    )
    version: Mapped[int] = mapped_column(sort_order=-90)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it on the class.
        return {"version_id_col": cls.version}


def id_column(**options: Any) -> Any:
    """Return the column of an id that, after the tenant, is the primary key."""
    return mapped_column(String(ID_LENGTH_MAX), primary_key=True, **options)


def reference(columns: Sequence[str], target: str, *, key: Sequence[str] = ("id",)) -> Any:
    """Return a composite foreign key to another tenant-owned table: it cannot cross tenants."""
    return ForeignKeyConstraint(
        ["tenant_id", *columns],
        [f"{target}.tenant_id", *(f"{target}.{column}" for column in key)],
    )


def text_id(**options: Any) -> Any:
    """Return a column that refers to some id."""
    return mapped_column(String(ID_LENGTH_MAX), **options)


class TenantSession(Session):
    """A session for one tenant. Only the unit of work makes one."""

    @property
    def tenant_id(self) -> TenantId:
        """The tenant whose rows this session sees."""
        return TenantId(self.info["tenant_id"])


# Whose rows the statement sees that is executed next in this thread. Every execution says it
# again, so that sessions of two tenants may take turns in one thread.
_EXECUTING = threading.local()
_OWNER = bindparam(
    "own_tenant", callable_=lambda: _EXECUTING.tenant_id, type_=String(ID_LENGTH_MAX)
)

# One object for all tenants: to make one for each session, and to look into it for each
# statement, costs a fifth of a statement. include_aliases is not optional: without it, criteria on
# a mixin match no table at all.
_OWN_ROWS = with_loader_criteria(
    TenantOwned,
    lambda table: table.tenant_id == _OWNER,
    include_aliases=True,
    track_closure_variables=False,
)


@event.listens_for(TenantSession, "do_orm_execute")
def _see_one_tenant(state: ORMExecuteState) -> None:
    _EXECUTING.tenant_id = state.session.info["tenant_id"]
    if state.is_column_load or state.is_relationship_load:
        return
    if state.is_orm_statement and not state.execution_options.get(_SEES_OWN_ROWS):
        state.statement = state.statement.options(_OWN_ROWS)


_SEES_OWN_ROWS = "sees_own_rows"


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that a text column is one of the texts bound to a name.

    As one array: the statement stays the same however many they are.
    """
    return cast(ColumnElement[bool], column == any_(bindparam(name, type_=ARRAY(String))))


def prepared(statement: Select[*Selected]) -> Select[*Selected]:
    """Return a statement that is kept, with bound parameters, and executed often.

    It sees the tenant's own rows like every other; but what that takes is said once.
    """
    return statement.options(_OWN_ROWS).execution_options(**{_SEES_OWN_ROWS: True})


# A connection that rested longer than this is tried before it is lent: the database may have
# restarted meanwhile, which takes longer. To try every one costs each unit a round trip.
RESTED_SECONDS = 0.01

# A worker repeats some three hundred statements. With the driver's hundred, each that comes by
# throws out the plan of one that is needed again soon.
PREPARED_MAX = 1000

# How soon a database that fell silent is noticed, instead of after the system's two hours.
_NOTICED_WITHIN_SECONDS = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class Database:
    """A pool of connections as the role `wareflow_app`."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Prepare the pool; nothing is connected yet."""
        self._is_closed = False
        self._engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            json_deserializer=read_json,
            # An error that is logged names the statement, never the values people entered.
            hide_parameters=True,
            connect_args=_NOTICED_WITHIN_SECONDS,
        )
        event.listen(self._engine, "connect", _prepare_all)
        event.listen(self._engine, "checkin", self._note_rest)
        event.listen(self._engine, "checkout", self._try_rested)
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def engine(self) -> Engine:
        """The engine, for readiness probes and disposal after a fork."""
        return self._engine

    @property
    def single_statements(self) -> Engine:
        """The same pool, each statement a transaction of its own, without BEGIN and COMMIT."""
        return self._single

    def session(self, tenant_id: TenantId) -> TenantSession:
        """Return a new session for one tenant."""
        known = {"tenant_id": tenant_id}
        return TenantSession(self._engine, info=known, expire_on_commit=False, autoflush=True)

    def close(self) -> None:
        """Close every pooled connection, and each that is still lent when it comes back."""
        self._is_closed = True
        self._engine.dispose()

    def _note_rest(self, _connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rested_since"] = monotonic_seconds()
        if self._is_closed:
            # The pool that lent it is gone, and nobody would close it.
            record.invalidate()

    def _try_rested(
        self, connection: DBAPIConnection, record: ConnectionPoolEntry, _lent: object
    ) -> None:
        rested_since = record.info.get("rested_since")
        if rested_since is None or monotonic_seconds() - rested_since < RESTED_SECONDS:
            return
        dialect = self._engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            # The pool closes it, and lends a new one.
            raise DisconnectionError from error


def _prepare_all(connection: DBAPIConnection, _record: object) -> None:
    connection.prepared_max = PREPARED_MAX


def driver_url(url: str) -> str:
    """Name the driver in a plain `postgresql://` address."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
