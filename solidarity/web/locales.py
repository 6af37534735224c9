"""The interface language stands in the path: `/ur/stories`. It is read here, kept, and written into addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_babel import Babel, get_locale, get_translations
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect
from werkzeug.wrappers import Response

from solidarity.web import old_addresses
from stories.text import languages
from stories.text.languages import INTERFACE_LANGUAGES, STORY_LANGUAGES, Language

DEFAULT = "en"
BABEL_NAMES = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "tl": "fil"}  # tl: the name of Tagalog in Unicode's data
RETIRED = {"zh": "zh-Hans"}

babel = Babel()


def init_app(app: Flask) -> None:
    """Take `<locale>` out of every address on its way in, and put it back on its way out."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(app, locale_selector=lambda: BABEL_NAMES.get(current().tag, current().tag))
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.url_value_preprocessor(_read)
    app.url_defaults(_write)
    app.add_url_rule("/", "front_door", front_door)
    app.add_url_rule("/zh/", "retired_locale", retired_locale, defaults={"rest": ""})
    app.add_url_rule("/zh/<path:rest>", "retired_locale", retired_locale)
    app.context_processor(lambda: {"locale": current()})
    app.jinja_env.globals["locales"] = _Choices()
    app.jinja_env.globals["languages"] = STORY_LANGUAGES
    app.jinja_env.globals["language_name"] = language_name


def current() -> Language:
    """The interface language of this request; outside one, or before the path is read, English."""
    return STORY_LANGUAGES[g.get("locale", DEFAULT)]


_catalogues: dict[Locale | None, Any] = {}


def _catalogue() -> Any:
    """The translations into the present language; a page asks for dozens, so they are found without a detour."""
    locale = get_locale()
    found = _catalogues.get(locale)
    if found is None:
        found = _catalogues[locale] = get_translations()
    return found


def language_name(tag: str) -> str:
    """A language's name in itself."""
    return STORY_LANGUAGES[tag].name if tag in STORY_LANGUAGES else tag


def best_for_reader() -> str:
    """The interface language that the reader's browser asks for most and does not refuse, or English."""
    refused = {tag.lower() for tag, weight in request.accept_languages if weight <= 0}
    for tag, weight in request.accept_languages:
        found = DEFAULT if tag == "*" else languages.match(tag)
        if weight > 0 and found and languages.interface_tag(found).lower() not in refused:
            return languages.interface_tag(found)
    return DEFAULT


def front_door() -> Response:
    """`/` leads to the home page in the reader's language, and `/?p=41` to a story of the site that stood here."""
    if request.args and (before := old_addresses.answer()):
        return before
    return _led_to(url_for("reading.home", locale=best_for_reader()))


def _lead_in() -> None:
    """An address that lacks nothing but its language leads to that page in the reader's: /search?q=rice."""
    if request.method not in {"GET", "HEAD"}:
        return
    try:
        endpoint, values = _addresses().match(f"/{best_for_reader()}{request.path}")
    except HTTPException:
        return
    if "locale" in values:
        abort(old_addresses.answer() or _led_to(url_for(endpoint, **values) + _query()))


def _lead_on() -> None:
    if before := old_addresses.answer():
        abort(before)


def _addresses() -> MapAdapter:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "there is a request"  # noqa: S101 - says so to the type checker
    return adapter


def _query() -> str:
    return f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""


def _led_to(address: str) -> Response:
    response = redirect(address, 302)
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def retired_locale(rest: str) -> Response:
    """Old addresses under `/zh/` lead to the simplified script."""
    return redirect(f"/{RETIRED['zh']}/{rest}{_query()}", 301)


def _read(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is None:  # an address that nothing answers to
        first = request.path.split("/", 2)[1]
        g.locale = first if first in INTERFACE_LANGUAGES else DEFAULT
        if first not in INTERFACE_LANGUAGES and isinstance(request.routing_exception, RequestRedirect):
            _lead_on()  # `/rice` looks like a language that lacks its slash
        _lead_in()
    elif "locale" in values:
        tag = values.pop("locale")
        if tag not in INTERFACE_LANGUAGES:
            _lead_in()
            abort(404)
        g.locale = tag


def _write(endpoint: str, values: dict[str, Any]) -> None:
    if "locale" not in values and _speaks(endpoint):
        values["locale"] = current().tag


class _Choices:
    """The interface languages with the address of this very page in each."""

    def __iter__(self) -> Any:
        before, after = _around_the_language()
        for tag in INTERFACE_LANGUAGES:
            language = STORY_LANGUAGES[tag]
            yield {"tag": tag, "name": language.name, "dir": language.dir, "url": f"{before}{tag}{after}"}


def _speaks(endpoint: str) -> bool:
    """Whether the language is part of the addresses of an endpoint."""
    return current_app.url_map.is_endpoint_expecting(endpoint, "locale")


def _around_the_language() -> tuple[str, str]:
    """What stands before and after the language in the address of this very page, or of the home page after a form."""
    here, endpoint = current().tag, request.endpoint
    if endpoint is None or request.method not in {"GET", "HEAD"} or not _speaks(endpoint):
        address, query = url_for("reading.home", locale=here), ""
    else:
        address = url_for(endpoint, **{**(request.view_args or {}), "locale": here})
        query = urlencode(list(request.args.items(multi=True)))
    before, _, after = address.partition(f"/{here}/")
    return f"{before}/", f"/{after}?{query}" if query else f"/{after}"
