from __future__ import annotations

import json

import pages
import pytest
from conftest import shared
from fields import fields
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stories.models import Person
from stories.text import limits

NEW = "/en/my/stories/new"
BOXES = ["introduction", "body", "pull_quotes", "takeaways", "prompts", "content_note"]  # of many lines
SPOKEN = ["title", "teller_name", "time", "attribution", *BOXES]
A_LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=60)
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=300)


@pytest.fixture
def token(client: FlaskClient, leader: Person) -> str:
    """What every form of a leader who is signed in carries."""
    return pages.token(client, NEW)


@settings(
    max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(typed=st.fixed_dictionaries({name: LINES if name in BOXES else A_LINE for name in SPOKEN}))
def test_whatever_was_typed_survives_a_failed_save_unchanged(
    client: FlaskClient, token: str, typed: dict[str, str]
) -> None:
    sent = {**typed, "place": "x" * (limits.SHORT + 1), "csrf_token": token}
    answer = client.post(NEW, data={name: text.replace("\n", "\r\n") for name, text in sent.items()})
    kept = fields(answer)
    assert (answer.status_code, {name: kept[name][0] for name in SPOKEN}) == (422, typed)


def test_hostile_text_in_every_field_breaks_nothing_and_is_not_lost(client: FlaskClient, token: str) -> None:
    given = [json.loads(line) for line in shared("hostile_text", "strings.jsonl").read_text().splitlines()]
    strings = [text for each in given if (text := each.get("text")) and "\r" not in text]
    sendable = [text for text in strings if text.encode("utf-8", "ignore").decode() == text]
    for text in sendable[::20]:
        sent = dict.fromkeys([*SPOKEN, "language", "themes", "form_key", "revision_id", "whose"], text)
        answer = client.post(NEW, data={**sent, "csrf_token": token})
        assert (answer.status_code, fields(answer)["introduction"]) == (422, [text])
