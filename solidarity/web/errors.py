"""Turns what went wrong into a page for people. A form that failed comes back with everything that was typed."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.errors import RateLimitExceeded
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from solidarity.web import db, form_recovery, old_addresses, rate_limits
from solidarity.web.db import SAFE_METHODS
from solidarity.web.labels import name_of
from solidarity.web.permissions import SecondFactorDemanded
from stories import errors as domain
from stories import guides
from stories.database import is_busy, is_conflict, is_out_of_reach, is_unstorable
from stories.storage import Trouble, trouble

REFUSAL = "solidarity.refusal"  # in the environment of a request that only asks for the page of this status
SOON = 5  # seconds: when there is likely room again for what was refused because too many wait

STATUS: dict[type[domain.Refused], int] = {
    domain.NotPermitted: 403,
    guides.NotYourGuide: 403,
    domain.NotFound: 404,
    domain.NotNow: 409,
    domain.StaleRevision: 409,
}


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.before_request(_refusal)
    app.register_error_handler(domain.Refused, _refused)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(OSError, _storage)
    app.register_error_handler(CSRFError, _out_of_date)
    app.register_error_handler(SecondFactorDemanded, _second_factor_first)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, title: str, message: str) -> Any:
    """The answer: JSON for the API, a page for a reader, the form again for whoever sent one."""
    db.rollback()
    _forget_who_is_gone()
    if request.path.startswith("/api/"):
        return jsonify(error=message), status
    if request.method not in SAFE_METHODS and status not in {403, 404, 405} and form_recovery.can_recover():
        return form_recovery.recovery_page(status, title, message)
    return render_template("errors/page.html", title=title, message=message, status=status), status


def _forget_who_is_gone() -> bool:
    """Whether the account of this request was deleted by another one; nobody is signed in then. After a rollback."""
    if "_login_user" not in g:
        return False
    try:
        bool(current_user.is_authenticated)  # reads the row again
    except ObjectDeletedError:
        g._login_user = AnonymousUserMixin()  # the page around the message must not look for them either
        return True
    return False


def _refusal() -> Any:
    """The page for what the server in front of us refused (`solidarity.server.refusal_pages`), or nothing."""
    status = request.environ.get(REFUSAL)
    if status is None:
        return None
    return _again_in(SOON, _page_of(status)) if status == 503 else _page_of(status)


def _page_of(status: int) -> Any:
    return page(status, _titles().get(status, _titles()[400]), _messages().get(status, _("Please try again.")))


def _refused(error: domain.Refused) -> Any:
    status = STATUS.get(type(error), 422)
    return page(status, _titles()[status], words_for(error))


def words_for(error: domain.Refused) -> str:
    """What a refusal means, for the person it happened to."""
    match error:
        case domain.Unmet():
            return str(_("This step needs %(need)s.", need=name_of(error.need)))
        case domain.TooLong():
            limit = format_decimal(error.limit)
            return str(_("This is longer than the %(limit)s characters that fit here.", limit=limit))
    return str(SENTENCES.get(type(error), _l("There is no such thing here.")))


_TOO_FORMATTED = _l("This text holds more formatting than can be read safely. Please paste it as plain text.")
SENTENCES = {
    domain.NotPermitted: _l(
        "This step is not yours to take: nobody decides on a story of their own, and only its teller speaks for it."
    ),
    domain.NotNow: _l(
        "The story has moved on since you opened this page; somebody may have been faster. Nothing was done twice."
    ),
    domain.StaleRevision: _l("There are newer words than those you were looking at. Nothing was changed."),
    domain.TooMuchMarkup: _TOO_FORMATTED,
    domain.TooTangled: _TOO_FORMATTED,
    domain.TooDeep: _TOO_FORMATTED,
    domain.OutOfRange: _l("A number is larger or smaller than what fits here."),
    domain.Missing: _l("Something that is needed was left empty."),
    guides.NotYourGuide: _l("Only the author of a guide may change it."),
}


def _titles() -> dict[int, str]:
    return {
        400: _("That did not reach us whole"),
        401: _("Please sign in again"),
        403: _("This is not open to you"),
        404: _("There is no such page"),
        405: _("There is nothing to do here"),
        408: _("That took too long to reach us"),
        409: _("Something changed in the meantime"),
        410: _("This is gone"),
        413: _("That was too much at once"),
        422: _("Something needs another look"),
        429: _("A little slower, please"),
        500: _("Something broke on our side"),
        503: _("The site is busy"),
    }


def _messages() -> dict[int, str]:
    return {
        401: _("You have been signed out, perhaps because the page was open for a long time."),
        403: _("Your account does not open this page. If you think it should, ask a steward of this site."),
        404: _("The address may be old or mistyped. The stories are still here."),
        405: _("This address does not take what was sent to it."),
        409: _("Somebody was faster, or this was sent twice. Nothing was done twice; look at the page as it is now."),
        408: _("The connection is very slow, or it broke. Go back, and send it again where the connection is better."),
        410: _("What was here was taken down by the person whose story it is."),
        413: _("What was sent is larger than we can take. Shorten it and send it again."),
        422: _("A sign or a number in it cannot be kept. Please write it in another way."),
        429: _("There were many tries in a short time. Wait a minute, then press the button again."),
        500: _("It is not your fault, and we have written it down. Please try again in a minute."),
        503: _("Somebody else is saving right now. Wait a moment, then press the button again."),
    }


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400 or isinstance(error.response, Response):
        return error
    if status == 404 and (before := old_addresses.answer()):
        return before
    return _page_of(status)


def _out_of_date(_error: CSRFError) -> Any:
    """A token that no longer fits: most often the sign-in has expired too, and then that is what to say."""
    try:
        signed_out = _is_guarded() and not current_user.is_authenticated
    except SQLAlchemyError as error:
        return _database(error)
    if signed_out:
        return page(401, _titles()[401], _messages()[401])
    return page(400, _("This page was open for a long time"), _("To be safe, please press the button once more."))


def _is_guarded() -> bool:
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "needs")


def _second_factor_first(_error: SecondFactorDemanded) -> Any:
    return page(
        428,
        _("A second step of signing in first"),
        _("This site asks moderators and stewards for a second step of signing in. Set one up first."),
    )


def _too_often(_error: RateLimitExceeded) -> Response:
    return _again_in(rate_limits.seconds_to_wait(), _page_of(429))


def _database(error: SQLAlchemyError) -> Any:
    """What the database says, as a page: to be tried again, overtaken by somebody, or no such thing."""
    if trouble(error) is not None:
        return _storage(error)
    if is_out_of_reach(error):
        g._login_user = AnonymousUserMixin()  # the page around the message must not look for anybody either
        current_app.logger.error("the database is out of reach", exc_info=error)
        return _again_in(5, page(503, _titles()[503], _("The site cannot reach what it keeps. Try again in a minute.")))
    if is_busy(error):
        return _again_in(5, _page_of(503))
    if is_conflict(error):
        db.rollback()
        return _page_of(401 if _forget_who_is_gone() else 409)
    return _unstorable(error) if is_unstorable(error) else _unexpected(error)


def _storage(error: Exception) -> Any:
    """What a database or a disk says that cannot be written to just now, and who has to do something about it."""
    match trouble(error):
        case Trouble.FULL:
            answer = page(507, *_nothing_saved(_("The disk of this site is full.")))
        case Trouble.READ_ONLY:
            answer = page(503, *_nothing_saved(_("The disk of this site cannot be written to.")))
        case None:
            return _unexpected(error)
    current_app.logger.error("nothing can be saved: %s", trouble(error))
    return _again_in(300, answer)


def _nothing_saved(reason: str) -> tuple[str, str]:
    more = _(
        "Everything can be read, but nothing can be saved until the people who run this site have seen to it. "
        "Your words are kept on this page: leave it open or copy them, and press the button again later."
    )
    return _("Nothing can be saved just now"), f"{reason} {more}"


def _again_in(seconds: int, answer: Any) -> Response:
    response = current_app.make_response(answer)
    response.headers["Retry-After"] = str(seconds)
    return response


def _unstorable(error: Exception) -> Any:
    """A text or a number that no column holds: there can be no such thing, and it cannot be kept."""
    if not is_unstorable(error):
        return _unexpected(error)
    status = 404 if request.method in SAFE_METHODS else 422
    return _page_of(status)


def _unexpected(error: Exception) -> Any:
    if current_app.config["PROPAGATE_EXCEPTIONS"] or current_app.testing:
        raise error
    current_app.logger.error("unexpected error at %s", request.endpoint, exc_info=error)
    return page(500, _titles()[500], _messages()[500])
