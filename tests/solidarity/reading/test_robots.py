"""What robots.txt shuts, read as RFC 9309 says, and every address of the website."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from solidarity.reading.robots import NOT_FOR_ROBOTS
from stories.text.languages import INTERFACE_LANGUAGES

VALUES = {
    "token": "a.b-c", "filename": "css/base.css", "rest": "stories", "noun": "review", "kind": "themes",
}  # fmt: skip
WORDS = sorted({place.strip("/") for place in NOT_FOR_ROBOTS})
SLUGS = [slug for word in WORDS for slug in (word, f"{word}-the-rice-t8483x6", f"{word}ing-7")]
NO_PAGES = {
    "account.second_step",
    "account.recovery_code",
    "account.passkey_sign_in",
    "account.sign_in_letter",
    "account.sign_in_by_letter",
    "account.confirm_address",
    "reading.search",
    "security.login",
    "security.logout",
    "security.forgot_password",
    "security.reset_password",
}


@pytest.fixture
def shut(client: FlaskClient) -> list[str]:
    lines = client.get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    assert all(re.fullmatch(r"(User-agent: \*|Disallow: /\S+|Sitemap: \S+|)", line) for line in lines)
    return [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]


def is_shut(address: str, rules: list[str]) -> bool:
    """Whether one of the rules is the beginning of an address; `*` is any text, `$` at the end of a rule the end."""
    return any(re.match(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$"), address) for rule in rules)


def addresses(app: Flask, rule: Rule, language: str) -> list[str]:
    """An address of a rule, and with each slug where it takes one."""
    slugs = SLUGS if "slug" in rule.arguments else [""]
    given = [{**VALUES, "locale": language, "slug": slug} for slug in slugs]
    build = app.url_map.bind("localhost").build
    return [build(rule.endpoint, {name: one.get(name, 7) for name in rule.arguments}) for one in given]


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_pages_for_one_person_and_searches_are_shut_and_nothing_else(
    app: Flask, shut: list[str], language: str
) -> None:
    told, right = {}, {}
    for rule in app.url_map.iter_rules():
        is_private = hasattr(app.view_functions[rule.endpoint], "needs") or rule.endpoint in NO_PAGES
        is_private |= rule.endpoint.startswith("account.")
        for address in addresses(app, rule, language):
            for query in ("", "?page=2&theme=share"):
                told[address + query] = is_shut(address + query, shut)
                right[address + query] = is_private

    assert told == right


def test_a_rule_has_to_be_written_as_robots_read_it() -> None:
    assert is_shut("/en/stories/share-the-rice-t8483x6", ["/*/share"])  # the rule that shut stories
    assert not is_shut("/en/stories/share-the-rice-t8483x6", ["/en/share$", "/en/share?"])
    assert is_shut("/en/share?x=1", ["/en/share?"])
