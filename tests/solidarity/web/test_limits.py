"""How much one may send: a limit is told beside its field, what is too much is given back, and nothing takes long."""

from __future__ import annotations

from io import BytesIO

import factories as make
import pages
import pytest
from fields import fields, words
from flask.testing import FlaskClient
from hostile import post
from sqlalchemy.orm import Session

from solidarity.web.security import MOST_SENT
from stories.models import Role
from stories.text import limits

NEW = "/en/my/stories/new"
SENT = {"language": "en", "whose": "own", "teller_naming": "full_name", "form_key": "k" * 24, "title": "Water"}
PLAIN = {
    "title": limits.TITLE, "attribution": limits.ATTRIBUTION, "teller_name": limits.SHORT, "place": limits.SHORT,
    "time": limits.SHORT, "introduction": limits.INTRODUCTION, "content_note": limits.INTRODUCTION, "body": limits.BODY,
}  # fmt: skip


@pytest.fixture
def token(site: Session, client: FlaskClient) -> str:
    """A leader is signed in, and this is the token of their form."""
    pages.sign_in(client, pages.account(site, make.person(site, Role.LEADER)))
    site.commit()
    return pages.token(client, NEW)


@pytest.mark.parametrize("name", PLAIN)
def test_a_text_of_exactly_its_limit_is_taken(client: FlaskClient, token: str, name: str) -> None:
    answer = post(client, NEW, SENT | {"csrf_token": token, name: "ក" * PLAIN[name]})

    assert answer.status_code == 303


@pytest.mark.parametrize("name", PLAIN)
def test_one_letter_more_is_told_beside_the_field_and_kept(client: FlaskClient, token: str, name: str) -> None:
    text = "ក" * (PLAIN[name] + 1)
    answer = post(client, NEW, SENT | {"csrf_token": token, name: text})
    beside = f'id="{name}-error"' in answer.text and f"{PLAIN[name]:,} fit here" in words(answer)

    assert (answer.status_code, beside, fields(answer)[name]) == (422, True, [text])


@pytest.mark.parametrize("name", ["pull_quotes", "takeaways", "prompts"])
@pytest.mark.parametrize("text", ["x\n" * 31, "x" * 501], ids=["too many lines", "too long a line"])
def test_a_list_beyond_its_limit_is_told_beside_it_and_kept(
    client: FlaskClient, token: str, name: str, text: str
) -> None:
    answer = post(client, NEW, SENT | {"csrf_token": token, name: text})

    assert (answer.status_code, f'id="{name}-error"' in answer.text, fields(answer)[name]) == (422, True, [text])


@pytest.mark.parametrize(
    "body", ["<b>x</b>" * 11_000, "<i>" + "&" * 20_001 + "</i>", "<div>" * 51, "<table>" + "x<br>" * 9_000]
)
def test_a_body_of_too_much_markup_is_told_beside_it_and_kept(client: FlaskClient, token: str, body: str) -> None:
    answer = post(client, NEW, SENT | {"csrf_token": token, "body": body})

    assert (answer.status_code, 'id="body-error"' in answer.text, fields(answer)["body"]) == (422, True, [body])


@pytest.mark.parametrize("body", ["<b>" * 9_000, "&" * 20_001, "<" * 20_001, "a<b " * 20_001])
def test_as_many_signs_in_a_text_that_is_no_html_are_taken_as_they_are(
    client: FlaskClient, token: str, body: str
) -> None:
    answer = post(client, NEW, SENT | {"csrf_token": token, "body": body})

    assert (answer.status_code, fields(client.get(answer.location))["body"]) == (303, [body.strip()])


def test_each_limit_stands_beside_its_field(client: FlaskClient, token: str) -> None:
    page = words(client.get(NEW))

    assert [name for name, limit in PLAIN.items() if f"Up to {limit:,} characters" not in page] == []


def test_what_is_larger_than_we_take_is_given_back(client: FlaskClient, token: str) -> None:
    body = "ក" * (MOST_SENT // 9 + 1_000)
    answer = post(client, NEW, SENT | {"csrf_token": token, "body": body})
    shown = fields(answer)

    assert (answer.status_code, shown["title"], shown["body"]) == (413, ["Water"], [body])


FORM = "application/x-www-form-urlencoded"


def test_an_upload_of_many_megabytes_is_refused_without_being_read(client: FlaskClient, token: str) -> None:
    upload = BytesIO(b"x" * (40 * 1024 * 1024))
    answer = client.post(NEW, input_stream=upload, content_length=40 * 1024 * 1024, content_type=FORM)

    assert (answer.status_code, upload.tell() < MOST_SENT) == (413, True)


def test_a_form_of_too_many_fields_is_an_answer_too(client: FlaskClient, token: str) -> None:
    boundary = "x" * 20
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    answer = client.post(
        NEW, data=part * 6_000 + f"--{boundary}--", content_type=f"multipart/form-data; boundary={boundary}"
    )

    assert answer.status_code == 413
