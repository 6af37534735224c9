"""Who may come in: the person behind a request, and the roles a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import PreconditionRequired
from werkzeug.wrappers import Response

from solidarity.web.db import SAFE_METHODS
from stories.models import Person, Role

SECOND_FACTOR_OF = frozenset({Role.MODERATOR, Role.STEWARD})  # of whom one is demanded, where the settings say so
OWN_ACCOUNT = frozenset({"account", "security"})  # the pages of a person's own account, which open without


class SecondFactorDemanded(PreconditionRequired):
    """A form was sent by somebody who has to set up a second factor first."""


View = TypeVar("View", bound=Callable[..., Any])


def current_person() -> Person:
    """The person who is signed in. Only behind `needs`."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(Person, current_user.person)


def roles_required(*roles: Role) -> Callable[[View], View]:
    """Let in whoever is signed in and has one of `roles` (any role, where none is named).

    Nobody signed in: a page leads to signing in and back; a form keeps what was typed (401). Wrong role: 403.
    Somebody of whom a second factor is demanded, and who has none, is led to setting one up.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.private = True
            if not current_user.is_authenticated:
                return _to_sign_in()
            if must_set_up_second_factor() and request.blueprint not in OWN_ACCOUNT:
                return _to_second_factor()
            if roles and not current_person().roles & set(roles):
                abort(403)
            return view(*args, **kwargs)

        guarded.needs = roles  # type: ignore[attr-defined] # read by the test of the whole grid
        return cast(View, guarded)

    return guard


def must_set_up_second_factor() -> bool:
    """Whether whoever is signed in gets no further than to their account before they have a second factor."""
    demanded = current_app.config["SETTINGS"].second_factor_demanded and current_person().roles & SECOND_FACTOR_OF
    return bool(demanded and not current_user.has_second_factor)


def _to_second_factor() -> Response:
    if request.method not in SAFE_METHODS:
        raise SecondFactorDemanded
    return redirect(url_for("account.second_factor"), 303)


def _to_sign_in() -> Response:
    if request.method not in SAFE_METHODS:
        abort(401)
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def is_private() -> bool:
    """Whether this request came to a page behind the gate, or one about signing in and accounts."""
    return bool(g.get("private")) or request.blueprint in {"security", "account"}
