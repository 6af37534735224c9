"""How dates, numbers and lists are written in templates, and the one place where stored HTML is trusted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from babel import numbers as babel_numbers
from flask import Flask
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError

from solidarity.web import form_recovery, locales
from solidarity.web.db import session
from solidarity.web.remembered import remembered
from stories import queries
from stories.models import Revision
from stories.text import collation, languages, rendering
from stories.text.collation import by_name


def init_app(app: Flask) -> None:
    """Give templates these filters and functions."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["alphabetical"] = alphabetical
    app.jinja_env.filters["by_name"] = by_name
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["day_and_time"] = day_and_time
    app.jinja_env.filters["join_list"] = join_list
    app.jinja_env.filters["numberformat"] = number_format
    app.jinja_env.globals["body"] = body
    app.jinja_env.globals["shows_samples"] = shows_samples
    app.jinja_env.globals["field_name"] = form_recovery.field_name
    app.jinja_env.globals["is_free_text"] = form_recovery.is_free_text


def shows_samples() -> bool:
    """Whether the banner of a sample site is due; a page about a broken database must still open."""
    try:
        return remembered("shows samples", lambda: queries.shows_samples(session()))
    except SQLAlchemyError:
        return False


def number_format(number: float) -> str:
    """A number as the reader's language writes it; a page shows the same few a hundred times."""
    return _written(str(get_locale()), number)


@lru_cache(maxsize=10_000)
def _written(locale: str, number: float) -> str:
    return str(babel_numbers.format_decimal(number, locale=locale))


def day(moment: datetime) -> str:
    """A date in the reader's language."""
    return str(format_date(moment, "long"))


def day_and_time(moment: datetime) -> str:
    """A date and time in the reader's language; the site speaks UTC and says so.

    The time is isolated (U+2066 … U+2069): beside Urdu its figures would change places with the year.
    """
    time = format_datetime(moment, "HH:mm", rebase=False)
    return f"{format_date(moment, 'long')} \u2066{time} UTC\u2069"


def alphabetical(names: Iterable[str]) -> list[str]:
    """Names in the alphabet of the page's language."""
    return collation.alphabetical(names, locales.current().tag)


def join_list(names: Iterable[str]) -> Markup:
    """Several names in one line, with the comma of the page's language between them, each in its own direction."""
    return escape(_(", ")).join(Markup("<bdi>{}</bdi>").format(name) for name in names)


def body(revision: Revision, language: str) -> Markup:
    """The body of a revision of a story in `language`, with links and the direction of each paragraph.

    `stories.text.prose` sanitised it on its way in, and nothing else is trusted so.
    """
    shown = rendering.rendered(revision.body, languages.direction(language))
    return Markup(shown)  # noqa: S704 - see above
