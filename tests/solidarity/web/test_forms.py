from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.fields import IntegerField

from solidarity.web.forms import Form, MaxEntries, MaxLength, OneALineField, VisibleTextRequired, show_refusal
from stories.errors import Missing, Refused, StaleRevision, TooDeep, TooLong, Unmet
from stories.workflow import Need


class Sample(Form):
    title = StringField("Title", [VisibleTextRequired(), MaxLength(5)])
    body = TextAreaField("Body")
    note = TextAreaField("Note")
    takeaways = OneALineField("Takeaways", [MaxEntries(2, 4)])
    minutes = IntegerField("Minutes")


def form(app: Flask, **typed: str) -> Sample:
    with app.test_request_context(method="POST"):
        sample = Sample(formdata=MultiDict({"title": "One"} | typed), meta={"csrf": False})
        sample.validate()
        return sample


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"title": " \x07"}, "title", "Please write something here."),
        ({"title": "123456"}, "title", "This is 1 characters too long: 5 fit here."),
        ({"takeaways": "a\nb\nc"}, "takeaways", "Up to 2 lines fit here, each of up to 4 characters."),
        ({"takeaways": "abcde"}, "takeaways", "Up to 2 lines fit here, each of up to 4 characters."),
        ({"minutes": "many"}, "minutes", "Please write a whole number, such as 15."),
    ],
)
def test_an_error_says_what_a_person_needs(app: Flask, typed: dict[str, str], field: str, said: str) -> None:
    assert [str(error) for error in form(app, **typed)[field].errors] == [said]


def test_a_limit_counts_as_the_domain_does(app: Flask) -> None:
    assert form(app, title="12345\r\n\r\n").errors.get("title") is None


def test_lines_become_entries_and_stay_as_they_were_typed(app: Flask) -> None:
    typed = form(app, takeaways=" one \r\n\r\ntwo")
    assert (typed.takeaways.data, typed.takeaways._value()) == ((" one", "two"), " one \r\n\r\ntwo")


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (TooLong("title", 5), "title"),
        (Missing("title"), "title"),
        (TooDeep(), "body"),
        (Unmet(Need.NOTE), "note"),
        (TooLong("elsewhere", 5), None),
        (Unmet(Need.DUE), None),
        (StaleRevision(), None),
    ],
)
def test_a_refusal_is_shown_beside_the_field_it_is_about(app: Flask, error: Refused, field: str | None) -> None:
    with app.test_request_context(method="POST"):
        sample = Sample(formdata=MultiDict({"title": "One"}), meta={"csrf": False})
        sample.validate()
        shown = show_refusal(sample, error)
        wrong = [name for name in ("title", "body", "note", "takeaways") if sample[name].errors]
    assert (shown, wrong) == (field is not None, [field] if field else [])
