"""What a record says, field by field, or why it is no story."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from factories import NOW

from stories.importing import BadLine, Columns, Record, UnreadableFile, Way, answers, rows
from stories.importing.records import BodyFormat
from stories.importing.rows import Row

GIVEN = {
    "source_id": "a", "language": "en", "title": "The Ferry", "body": "We rowed.", "attribution": "x", "licence": "CC0",
}  # fmt: skip


def row(way: Way = Way.PUBLISHED, columns: Columns | None = None, **changes: Any) -> Row:
    values = {name: value for name, value in (GIVEN | changes).items() if value is not None}
    return rows.read(Record(1, values), columns or Columns(), way, at=NOW)


def fault(way: Way = Way.PUBLISHED, **changes: Any) -> str:
    with pytest.raises(BadLine) as bad:
        row(way, **changes)
    return str(bad.value)


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("EN", "en"), ("fil", "tl"), ("zh_TW", "zh-Hant"), ("en-US", "en"), ("Tagalog / Filipino", "tl"),
        ("বাংলা", "bn"), ("Chinese (Simplified Chinese)", None), ("Bengali (Bangla)", "bn"), ("Klingon", None),
        (" ", None), ("English / Khmer", None),
    ],
)  # fmt: skip
def test_languages_by_tag_and_by_name(said: str, tag: str | None) -> None:
    assert (row(language=said).language if tag else fault(language=said).partition(" ")[0]) == (tag or "language")


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2019-03-02", datetime(2019, 3, 2, tzinfo=UTC)),
        ("2019-03-02 18:04:00", datetime(2019, 3, 2, 18, 4, tzinfo=UTC)),
        ("2019-03-02T18:04:00+09:00", datetime(2019, 3, 2, 9, 4, tzinfo=UTC)),
        ("Sat, 02 Mar 2019 18:04:00 +0000", datetime(2019, 3, 2, 18, 4, tzinfo=UTC)),
        *((odd, None) for odd in ("3/2/2019", "2019-13-01", "2999-01-01", "soon", "0001-01-01T00:00:00+23:00")),
    ],
)  # fmt: skip
def test_dates_that_can_be_read_one_way_only(said: str, moment: datetime | None) -> None:
    assert (row(published_at=said).published_at if moment else fault(published_at=said)[:12]) == (
        moment or "published_at"
    )


@pytest.mark.parametrize(
    ("said", "granted", "named"),
    [
        ("yes", True, None), ("Yes, with my name", True, True), ("Yes, without", True, False), (True, True, None),
        ("YES!", True, None), ("đồng ý", True, None), ("예", True, None), ("जी", None, None), ("no", False, None),
        ("No, thank you", False, None), (False, False, None), (0, False, None), ("Hindi", False, None),
        ("नहीं", False, None), ("not yet", False, None), ("maybe", None, None), ([1], None, None),
        (float("nan"), None, None),
    ],
)  # fmt: skip
def test_answers_are_yes_or_no_or_refused(said: Any, granted: bool | None, named: bool | None) -> None:
    if granted is None:
        assert "neither yes nor no" in fault(consent=said)
    else:
        answer = row(consent=said).consent
        assert answer is not None
        assert (answer.granted, answer.named) == (granted, named)


@pytest.mark.parametrize(
    ("licence", "yes"),
    [("CC BY 4.0", True), ("with permission", True), ("All rights reserved.", False), ("none", False), ("", False)],
)
def test_a_licence_that_lets_nobody_publish_is_no_consent(licence: str, yes: bool) -> None:
    assert answers.licenses(licence) is yes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "![a picture](x.png)"}, "nothing in it can be read"),
        ({"body": "<script>alert(1)</script>"}, "nothing in it can be read"),
        ({"title": "\u3164\u2800\u200b"}, "title is missing or empty"),
        ({"place": True}, "place: true is no text"),
        ({"title": float("nan")}, "title is missing or empty: NaN is no text"),
        ({"themes": {"a": 1}}, "themes: "),
        ({"pull_quotes": [1]}, "pull_quotes: [1] is no list of texts"),
        ({"teller_name": "lina@example.org"}, "e-mail address, which readers would see"),
        ({"body_format": "word"}, "body_format 'word' is not one of"),
        ({"source_id": "x" * 201}, "source_id is too long"),
        ({"body": "---\ntitle: a\nnested:\n  deep: 1\n---\nText"}, "more than keys and values"),
    ],
)
def test_the_real_fault_is_named(changes: dict[str, Any], said: str) -> None:
    assert said in fault(**changes)


def test_a_yaml_head_is_read_where_the_record_says_nothing() -> None:
    head = (
        '---\ntitle: "Another"\nlocation: Queens, NY\ntags: [work, transit]\nlang: fr\n# a remark\nmood:\n- warm\n---\n'
    )
    columns = Columns()
    found = row(columns=columns, body=f"{head}\nIt begins.")

    assert (found.texts["title"], found.texts["place"], found.tags, found.language, found.body, columns.unknown) == (
        "The Ferry", "Queens, NY", ("work", "transit"), "en", "<p>It begins.</p>", Counter(mood=1),
    )  # fmt: skip


def test_a_line_at_the_top_is_no_head() -> None:
    assert row(body="---\n\nOne: two.\n\n---\n\nthree").body == "<hr><p>One: two.</p><hr><p>three</p>"


def test_a_submission_without_title_is_called_by_its_first_words() -> None:
    found = row(Way.SUBMISSIONS, title=None, body="# Dawn\n\nWe rowed.")

    assert (found.texts["title"], found.remarks) == (
        "Dawn We rowed.",
        ("it has no title and is called by its first words",),
    )
    assert fault(title=None) == "title is missing or empty"


def test_a_row_without_source_is_known_by_its_words() -> None:
    assert (
        row(source_id=None).source_id
        == row(source_id=None, place="Queens").source_id
        != row(source_id=None, body="x").source_id
    )


def test_numbers_that_are_years_are_text() -> None:
    assert row(time=2014).texts["time"] == "2014"


def test_lists_may_be_written_in_one_cell() -> None:
    found = row(themes="Work; Home, Rice", old_address="/a /b", pull_quotes="One, two.\nThree.")

    assert (found.themes, found.old_addresses, found.lists["pull_quotes"]) == (
        ("Work", "Home", "Rice"), ("/a", "/b"), ("One, two.", "Three."),
    )  # fmt: skip
    assert row(themes=["Work, and rest"]).themes == ("Work, and rest",)


def test_wordpress_text_keeps_paragraphs_and_lines() -> None:
    classic = 'One\ntwo\n\n[caption id="a"]<img src=x/> Under it[/caption]\n\n<ul>\n<li>a</li>\n</ul>\nthree [gallery]'
    found = row(body=classic, body_format=BodyFormat.WORDPRESS)

    assert found.body == "<p>One<br>two</p><p>Under it</p><ul><li>a</li></ul><p>three</p>"
    assert found.remarks == ("left behind: 1 picture, 1 embedded",)


def test_unknown_keys_are_counted_and_others_find_their_field() -> None:
    columns = Columns(renamed={"Your story": "body"}, ignored=["Mood"])
    row(
        columns=columns,
        body=None,
        **{"your  STORY": "We rowed.", "mood": "x", "Genre": "y", "empty": "", "date": "2019-01-01"},
    )
    row(columns=columns, Genre="z", date="2018-01-01", published_at="2019-01-01")

    assert dict(columns.unknown) == {"Genre": 2, "date": 1}
    assert Columns(renamed={"Nothing": "body"}).unseen() == ["Nothing"]


@pytest.mark.parametrize(
    "name", ["Email Address", "e-mail", "Telephone", "WhatsApp number", "Số điện thoại", "이메일", "فون نمبر"]
)
def test_ways_to_reach_people_are_refused_by_name(name: str) -> None:
    with pytest.raises(UnreadableFile, match=f'--ignore "{name}"'):
        row(**{name: "x"})
    assert row(columns=Columns(ignored=[name]), **{name: "x"})
