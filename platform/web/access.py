"""What every view must say of itself: who may call it, and how large a body it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from kernel.access import Permission

_ACCESS = "wareflow_access"
_BODY = "wareflow_body_bytes_max"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who may call a view: anybody, or whoever is known and holds every permission named."""

    is_public: bool
    permissions: tuple[Permission, ...] = ()


class UnmarkedView(Exception):
    """A view does not say who may call it: give it requires(...), signed_in() or public()."""


def requires(*permissions: str) -> Callable[[View], View]:
    """Mark a view: the caller is known and holds every one of these permissions."""
    assert permissions, "a view that needs no permission is signed_in() or public()"
    return _mark(_ACCESS, Access(False, tuple(Permission(each) for each in permissions)))


def signed_in() -> Callable[[View], View]:
    """Mark a view: anybody who is known, whatever they may do; for what is the caller's own."""
    return _mark(_ACCESS, Access(False))


def public() -> Callable[[View], View]:
    """Mark a view: anybody at all; it says itself what a stranger is told."""
    return _mark(_ACCESS, Access(True))


def accepts_body(*, bytes_max: int) -> Callable[[View], View]:
    """Mark a view that takes a larger body than others, such as a file to import."""
    return _mark(_BODY, bytes_max)


def access_of(view: Callable[..., Any], method: str) -> Access | None:
    """Return what a view says of itself; of a class of views, what the method's function says."""
    marked = _said(view, method, _ACCESS)
    assert marked is None or isinstance(marked, Access)
    return marked


def body_bytes_max_of(view: Callable[..., Any], method: str) -> int | None:
    """Return the size of body that a view takes, where it differs from the others'."""
    size = _said(view, method, _BODY)
    assert size is None or isinstance(size, int)
    return size


def check_every_view(app: Flask) -> None:
    """Raise UnmarkedView for routes that do not say who may call them; call it last of all."""
    unmarked = sorted(
        f"{method} {rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if access_of(app.view_functions[rule.endpoint], method) is None
    )
    if unmarked:
        raise UnmarkedView(f"{UnmarkedView.__doc__} Missing: {'; '.join(unmarked)}")


def _mark(name: str, value: object) -> Callable[[View], View]:
    def marked(view: View) -> View:
        setattr(view, name, value)
        return view

    return marked


def _said(view: Callable[..., Any], method: str, name: str) -> object:
    views = getattr(view, "view_class", None)
    spelled = "get" if method == "HEAD" else method.lower()
    for speaker in (getattr(views, spelled, None), views, view):
        if speaker is not None and hasattr(speaker, name):
            said: object = getattr(speaker, name)
            return said
    return None
