"""Saved views: an address of a list that somebody named, for themselves or for everybody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel.audit import Subject
from kernel.db import Table, TenantOwned, UtcDateTime, id_column
from kernel.errors import Fault, Invalid, NotFound
from kernel.locks import take_name
from kernel.settings import WRITE_SETTINGS
from kernel.uow import UnitOfWork

NAME_LENGTH_MAX = 60
QUERY_LENGTH_MAX = 2000
VIEWS_PER_OWNER_MAX = 50


class SavedView(TenantOwned, Table):
    """What of a list somebody wants to see again. A name is its owner's once for each list."""

    __tablename__ = "saved_view"

    id: Mapped[str] = id_column()
    list: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    query: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "owner_id", "list", "name"),
        Index("ix_saved_view_list", "tenant_id", "list", "name", "id"),
    )


def views_of(uow: UnitOfWork, list_name: str) -> Sequence[SavedView]:
    """Return the views of a list that the actor may use: the actor's own, and shared ones."""
    query = select(SavedView).where(
        SavedView.list == list_name,
        or_(SavedView.owner_id == uow.actor.id, SavedView.shared),
    )
    return uow.session.scalars(query.order_by(SavedView.name, SavedView.id)).all()


def may_delete(uow: UnitOfWork, view: SavedView) -> bool:
    """Tell whether the actor may take a view away: its owner, and of shared ones who sets up."""
    return view.owner_id == uow.actor.id or (view.shared and uow.actor.may(WRITE_SETTINGS))


def save_view(uow: UnitOfWork, list_name: str, name: str, query: str, *, shared: bool) -> SavedView:
    """Keep an address under a name; under a name of the actor's own it takes that one's place."""
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH_MAX or len(query) > QUERY_LENGTH_MAX:
        detail = f"Give the view a name of up to {NAME_LENGTH_MAX} characters."
        raise Invalid((Fault("/name", "views.name", detail),))
    take_name(uow, "views", uow.actor.id)
    own = select(SavedView).where(SavedView.owner_id == uow.actor.id)
    view = uow.session.scalar(own.where(SavedView.list == list_name, SavedView.name == name))
    if view is None:
        _must_have_room(uow)
        view = SavedView(
            tenant_id=uow.tenant_id,
            id=uow.new_id("viw"),
            list=list_name,
            owner_id=uow.actor.id,
            name=name,
        )
        uow.session.add(view)
    view.query, view.shared, view.saved_at = query, shared, uow.now
    uow.record("views.save", Subject("saved_view", view.id))
    return view


def delete_view(uow: UnitOfWork, list_name: str, view_id: str) -> None:
    """Take a view away; NotFound for one that the actor may not take away, or of another list."""
    view = uow.session.get(SavedView, (uow.tenant_id, view_id))
    if view is None or view.list != list_name or not may_delete(uow, view):
        raise NotFound("saved_view", view_id)
    uow.session.delete(view)
    uow.record("views.delete", Subject("saved_view", view_id))


def _must_have_room(uow: UnitOfWork) -> None:
    kept = uow.session.scalar(
        select(func.count()).select_from(SavedView).where(SavedView.owner_id == uow.actor.id)
    )
    if (kept or 0) >= VIEWS_PER_OWNER_MAX:
        detail = f"You keep {VIEWS_PER_OWNER_MAX} views already: delete one first."
        raise Invalid((Fault("/name", "views.too_many", detail),))
