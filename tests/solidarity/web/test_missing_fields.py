"""A field that a browser did not send, and words that a browser must not keep: every form of the website."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from form_pages import PAGES, Field, SentForm, forms
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from stories.models import Base

AT_HOME = {"email": "username", "password": "current-password"}
NEW = {"password": "new-password", "password_confirm": "new-password"}
TOKENS = {
    "sign in": AT_HOME,
    "lost password": AT_HOME,
    "letter to sign in": AT_HOME,
    "new password": NEW,
    "my password": NEW | {"current_password": "current-password"},
    "the password once more": AT_HOME,
    "the second step": {"code": "one-time-code"},
    "a new app": {"code": "one-time-code"},
}  # what a password manager needs
NOT_KEPT = {
    "story_words",
    "password",
    "current_password",
    "password_confirm",
    "email",
}  # a search, and how one signs in
_numbers = count(1)


def opened(site: Session, client: FlaskClient, name: str) -> list[SentForm]:
    address = PAGES[name](site, client)
    answer = client.get(address)
    assert answer.status_code == 200, (name, answer.status_code, answer.location)
    return forms(answer.text, address)


def endpoint(app: Flask, form: SentForm) -> str:
    return app.url_map.bind("localhost").match(form.action.partition("#")[0], method="POST")[0]


def test_every_form_that_can_be_sent_has_its_page_here(app: Flask, site: Session) -> None:
    shown = {endpoint(app, form) for name in PAGES for form in opened(site, app.test_client(), name)}
    posted: set[str] = {rule.endpoint for rule in app.url_map.iter_rules() if is_posted(rule)}

    assert shown == posted - {"security.logout"}  # a button in the corner of every page


def is_posted(rule: Rule) -> bool:
    return "POST" in (rule.methods or ())


@dataclass(frozen=True)
class Typed:
    """What a browser sends, and the words among it that somebody typed, by field."""

    values: dict[str, list[str]]
    words: dict[str, str]

    def without(self, name: str) -> Typed:
        """The same as if the field had not been there."""
        return Typed(
            *({key: value for key, value in given.items() if key != name} for given in (self.values, self.words))
        )


def typed_into(form: SentForm) -> Typed:
    values: dict[str, list[str]] = {}
    words = {control.name: f"word{next(_numbers)}x" for control in form.fields if _takes_words(control)}
    for control in form.fields:
        values.setdefault(control.name, []).append(_value(control, words.get(control.name, "")))
    return Typed(values, {name: word for name, word in words.items() if name not in NOT_KEPT})


def _takes_words(control: Field) -> bool:
    is_number = bool(re.search("minutes|group_", control.name))
    return control.is_written and not is_number and control.name != "translation_of"


def _value(control: Field, word: str) -> str:
    if control.kind == "email":
        return f"{word}@example.org"
    if control.kind == "datetime-local":
        return "2031-01-01T10:00"
    if control.kind == "password":
        return "a long enough password"
    return f"https://{word}.example.org/" if control.name == "website" else word or control.value


def droppable(form: SentForm) -> Iterator[str]:
    """Each field once; the same one of another step or part is no other."""
    seen = set()
    for control in form.fields:
        kind = re.sub(r"-\d+-", "-0-", control.name)
        if kind not in seen and control.name != "csrf_token":
            seen.add(kind)
            yield control.name


@pytest.mark.parametrize("name", PAGES)
def test_a_field_that_was_not_sent_is_empty_and_takes_no_other_with_it(app: Flask, site: Session, name: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = {}
    for number, form in enumerate(opened(site, app.test_client(), name)):
        for missing in ["", *droppable(form)]:
            if trouble := sent_without(app, site, name, number, missing):
                wrong[endpoint(app, form), missing] = trouble

    assert wrong == {}


def sent_without(app: Flask, site: Session, name: str, number: int, missing: str) -> list[str]:
    """What goes wrong when the form is sent without the field: words that neither the page nor the database has."""
    client = app.test_client()
    form = opened(site, client, name)[number]
    typed = typed_into(form).without(missing)
    answer = client.post(form.action, data=typed.values)
    site.rollback()
    if "attachment" in answer.headers.get("Content-Disposition", ""):
        answer.close()
        return []
    if answer.status_code >= 500:
        return [str(answer.status_code)]
    have = answer.text + "".join(stored(site) if answer.status_code == 303 else ())
    return [f"{answer.status_code} {field}" for field, word in typed.words.items() if str(escape(word)) not in have]


def stored(site: Session) -> Iterator[str]:
    """Every row of every table."""
    for table in Base.metadata.sorted_tables:
        yield from (repr(tuple(row)) for row in site.execute(select(table)))


@pytest.mark.parametrize("name", PAGES)
def test_no_browser_remembers_words_names_and_places(app: Flask, site: Session, name: str) -> None:
    tokens = {
        control.name: control.token
        for form in opened(site, app.test_client(), name)
        for control in form.fields
        if control.is_written
    }
    assert tokens == {field: TOKENS.get(name, {}).get(field, "off") for field in tokens}
