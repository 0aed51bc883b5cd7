"""Refusals: the expected ways of saying no. What is not a Refusal is a bug."""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"

    @property
    def title(self) -> str:
        """The sentence for people: the first line of the class's docstring."""
        return (type(self).__doc__ or "").strip().splitlines()[0]

    def facts(self) -> dict[str, object]:
        """Return the typed facts of this refusal, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts().items())
        return f"{self.code}: {self.title} ({facts})" if facts else f"{self.code}: {self.title}"


@dataclass(eq=False)
class Malformed(Refusal):
    """The request cannot be read."""

    code: ClassVar[str] = "request.malformed"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what was sent: where (JSON pointer), what, how to mend it."""

    pointer: str
    code: str
    detail: str


@dataclass(eq=False)
class Invalid(Refusal):
    """Some of what was sent is not valid."""

    code: ClassVar[str] = "request.invalid"

    errors: tuple[Fault, ...] = ()


@dataclass(eq=False)
class Unauthenticated(Refusal):
    """You need to sign in, or send a valid token."""

    code: ClassVar[str] = "access.unauthenticated"


@dataclass(eq=False)
class Forbidden(Refusal):
    """You are not allowed to do this."""

    code: ClassVar[str] = "access.forbidden"


@dataclass(eq=False)
class PermissionMissing(Forbidden):
    """A permission is missing for this."""

    code: ClassVar[str] = "access.permission_missing"

    permission: str


@dataclass(eq=False)
class NotFound(Refusal):
    """There is nothing here by that name."""

    code: ClassVar[str] = "resource.not_found"

    kind: str = "resource"
    id: str = ""


@dataclass(eq=False)
class Conflict(Refusal):
    """This is not possible in the present state."""

    code: ClassVar[str] = "state.conflict"


@dataclass(eq=False)
class StaleWrite(Refusal):
    """Somebody changed this since you read it: read it again and repeat your change."""

    code: ClassVar[str] = "state.stale"

    expected_version: int
    current_version: int | None = None


@dataclass(eq=False)
class PreconditionMissing(Refusal):
    """Say which version you are changing: send If-Match with the ETag you read."""

    code: ClassVar[str] = "state.precondition_missing"


@dataclass(eq=False)
class TooMany(Refusal):
    """Too many requests: wait and try again."""

    code: ClassVar[str] = "quota.exceeded"

    retry_after_seconds: int


@dataclass(eq=False)
class Unavailable(Refusal):
    """This cannot be done right now: try again shortly."""

    code: ClassVar[str] = "service.unavailable"

    retry_after_seconds: int = 5
