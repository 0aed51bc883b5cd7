"""Finds open tasks by their words, and runs by what they are about."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, tuple_

from kernel.uow import UnitOfWork
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task

OPEN_TASKS_READ_MAX = 2_000

SubjectOf = tuple[str, str]


def tasks_with_words(uow: UnitOfWork, words: Sequence[str], limit: int) -> Sequence[Task]:
    """Return open tasks whose title holds every word, whatever its case, the oldest first.

    Of the open tasks the oldest two thousand are looked through.
    """
    if not words:
        return ()
    waiting = select(Task.id, func.lower(Task.title).label("title")).where(Task.state == "open")
    open_tasks = waiting.order_by(Task.id).limit(OPEN_TASKS_READ_MAX).subquery()
    holds = (func.strpos(open_tasks.c.title, word.lower()) > 0 for word in words)
    ids = select(open_tasks.c.id).where(*holds).order_by(open_tasks.c.id).limit(limit)
    found = uow.session.scalars(ids).all()
    return uow.session.scalars(select(Task).where(Task.id.in_(found)).order_by(Task.id)).all()


def tasks_about_some(uow: UnitOfWork, subjects: Sequence[SubjectOf], limit: int) -> Sequence[Task]:
    """Return what people are or were asked about these (kind, id), what is open first."""
    if not subjects:
        return ()
    about = tuple_(Task.subject_kind, Task.subject_id).in_(list(subjects))
    first = or_(Task.state == "open").desc()
    return uow.session.scalars(
        select(Task).where(about).order_by(first, Task.id).limit(limit)
    ).all()


def runs_about(uow: UnitOfWork, subjects: Sequence[SubjectOf], limit: int) -> Sequence[Run]:
    """Return the runs about these (kind, id), the newest first."""
    if not subjects:
        return ()
    about = tuple_(Run.subject_kind, Run.subject_id).in_(list(subjects))
    return uow.session.scalars(select(Run).where(about).order_by(Run.id.desc()).limit(limit)).all()
