"""People write to each other about a task, beside deciding it."""

from sqlalchemy import select

from kernel.audit import Subject
from kernel.errors import Fault, NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime.errors import CommentMissing
from workflow_engine.runtime.events import TaskCommented
from workflow_engine.runtime.task_tables import Task, TaskComment
from workflow_engine.runtime.voting import VOTE

COMMENT_LENGTH_MAX = 2000
FORM_KEY_LENGTH_MAX = 80


def comment(
    uow: UnitOfWork, task_id: str, words: str, *, form_key: str | None = None
) -> TaskComment:
    """Write a comment on a task, open or closed; it moves nothing and stays for good.

    Refused with CommentMissing where it says nothing or more than two thousand characters. The
    same author's same `form_key` on this task returns the comment that was written first. It needs
    the permission to vote: whoever may only read writes nothing.
    """
    uow.actor.must(VOTE)
    words = _said(words)
    key = form_key[:FORM_KEY_LENGTH_MAX] if form_key else None
    # The lock lets a form that is sent twice at once find its own comment.
    task = uow.session.scalar(
        select(Task).where(Task.id == task_id).with_for_update(key_share=True)
    )
    if task is None:
        raise NotFound("task", task_id)
    same = {"task_id": task.id, "author_id": str(uow.actor.id), "form_key": key}
    if key is not None:
        before = uow.session.scalar(select(TaskComment).filter_by(**same))
        if before is not None:
            return before
    row = TaskComment(
        tenant_id=uow.tenant_id, id=uow.new_id("cmt"), words=words, written_at=uow.now, **same
    )
    uow.session.add(row)
    uow.emit(TaskCommented(task.id, task.run_id, row.id))
    uow.record("task.comment", Subject("task", task.id, task.subject_version))
    return row


def _said(words: str) -> str:
    said = words.strip().replace("\r\n", "\n")
    if not said:
        detail = "Write what you want to say."
    elif len(said) > COMMENT_LENGTH_MAX:
        detail = "Say it in at most 2000 characters."
    else:
        return said
    raise CommentMissing((Fault("/words", "task.comment_missing", detail),))
