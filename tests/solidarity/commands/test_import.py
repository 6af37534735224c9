"""`flask stories import`: what docs/moving-in.md says, done as it says."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import factories as make
import pages
import pytest
from conftest import shared
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from solidarity.config import ROOT
from stories.models import Base, Role, Story

SAMPLES = ROOT / "tests" / "stories" / "importing" / "samples"
GUIDE = (ROOT / "docs" / "moving-in.md").read_text(encoding="utf-8")


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def lani(site: Session, client: FlaskClient) -> None:
    pages.signed_in(site, client, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")
    site.commit()


def documented(file: str) -> list[str]:
    """The command that the guide gives for a file, as a shell would take it."""
    command = re.search(rf"bin/flask (stories import {re.escape(file)} (?:.*\\\n)*.*)", GUIDE)
    assert command is not None
    words = shlex.split(command[1].replace("\\\n", " "))
    return [str(SAMPLES / word) if word == file else word for word in words]


def said(runner: FlaskCliRunner, *arguments: str) -> tuple[int, list[str]]:
    done = runner.invoke(args=list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    lines = [line for line in done.output.splitlines() if line and not line.startswith(Path(arguments[2]).name)]
    return done.exit_code, lines


def rows_in(site: Session) -> dict[str, int]:
    site.rollback()
    tables = Base.metadata.sorted_tables
    return {table.name: site.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def states(site: Session) -> Counter[str]:
    site.rollback()
    return Counter(str(story.submissions[-1].state) for story in site.scalars(select(Story)))


@pytest.mark.usefixtures("lani")
def test_the_answers_of_a_form_move_in_as_the_guide_says(runner: FlaskCliRunner, site: Session) -> None:
    command = documented("form-answers.csv")

    assert said(runner, *command) == (0, [
        "line 2: it has no title and is called by its first words",
        "line 6: it has no title and is called by its first words",
        "line 7 was left out: its teller said no",
        "line 8: it has no title and is called by its first words",
        "2 wait for the moderators, 1 are drafts that wait for consent.",
        "3 added, 0 already in, 0 skipped, 1 whose teller said no.",
    ])  # fmt: skip
    assert states(site) == {"submitted": 2, "draft": 1}
    assert [(s.language, s.newest_revision.teller_name, s.submitter.name) for s in site.scalars(select(Story))] == [
        ("tl", "Ana Reyes", "Lani Kekoa"), ("vi", "", "Lani Kekoa"), ("en", "", "Lani Kekoa"),
    ]  # fmt: skip
    assert said(runner, *command)[1][-1] == "0 added, 3 already in, 0 skipped, 1 whose teller said no."


@pytest.mark.usefixtures("lani")
def test_a_form_with_addresses_of_people_is_refused_whole(runner: FlaskCliRunner, site: Session) -> None:
    command = documented("form-answers.csv")
    before = rows_in(site)
    code, lines = said(runner, *command[:-2])

    assert (code, lines[-1]) == (1, "0 added, 0 already in, 0 skipped.")
    assert any('--ignore "Email Address"' in line for line in lines)
    assert rows_in(site) == before


def test_a_list_of_omeka_moves_in_as_the_guide_says(runner: FlaskCliRunner, site: Session) -> None:
    code, lines = said(runner, *documented("omeka.csv"))

    assert (code, lines) == (1, [
        "line 5 was skipped: licence 'All rights reserved' lets nobody publish it, and there is no consent",
        "New themes and organisations: housing, queens.",
        "1 added, 0 already in, 1 skipped.",
    ])  # fmt: skip
    story = site.scalars(select(Story)).one()
    assert (story.source_id, story.is_public, story.newest_revision.time) == ("box-1", True, "1998")


def test_wordpress_moves_in_as_the_guide_says(runner: FlaskCliRunner, client: FlaskClient, site: Session) -> None:
    code, lines = said(runner, *documented("wordpress.xml"))

    assert (code, lines) == (1, [
        "line 6: left behind: 1 comment",
        "line 6: left behind: 1 picture",
        "line 20 was skipped: licence is missing or empty, and consent too: nothing says that it may be published",
        "Left out, for they are no stories to bring in: with the status 'draft' (1), of the type 'attachment' (1).",
        "New themes and organisations: Housing.",
        "Names that are not here and were left out: Queens (1).",
        "1 added, 0 already in, 1 skipped.",
    ])  # fmt: skip
    story = site.scalars(select(Story)).one()
    shown = story.published_revision
    assert shown is not None
    assert (story.source_id, f"{story.published_at:%Y-%m-%d}", shown.attribution, shown.introduction) == (
        "wp-41@neighbours.example.org", "2019-03-02", "Lina S.", "A dryer, a note.",
    )  # fmt: skip
    assert shown.body == (
        "<p>We met over the <em>broken</em> dryer.<br>It was late.</p><p>The note stayed for a year</p>"
        "<blockquote><p>Leave the quarters.</p></blockquote>"
    )
    for path in ("/2019/03/the-laundry-room/", "/?p=41"):
        assert client.get(path).headers["Location"] == f"/en/stories/{story.slug}"


@pytest.mark.usefixtures("lani")
def test_posts_without_consent_become_drafts(runner: FlaskCliRunner, site: Session) -> None:
    arguments = (
        "stories",
        "import",
        str(SAMPLES / "wordpress.xml"),
        "--as",
        "submissions",
        "--owner",
        "lani@example.org",
    )

    assert said(runner, *arguments)[0] == 0
    assert states(site) == {"submitted": 1, "draft": 1}


@pytest.mark.parametrize("file", ["form-answers.csv", "omeka.csv", "wordpress.xml"])
@pytest.mark.usefixtures("lani")
def test_a_dry_run_says_the_same_and_writes_nothing(runner: FlaskCliRunner, site: Session, file: str) -> None:
    command = documented(file)
    before = rows_in(site)
    dry = said(runner, *command, "--dry-run")

    assert rows_in(site) == before
    real = said(runner, *command)
    assert dry == (real[0], [*real[1][:-1], "A dry run: nothing was written. It would be", real[1][-1]])


def test_a_dry_run_knows_what_the_file_said_before(runner: FlaskCliRunner, site: Session, tmp_path: Path) -> None:
    row = {"language": "en", "title": "T", "body": "B", "attribution": "A", "licence": "CC0"}
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(row | {"source_id": str(number % 30)}) for number in range(60)))

    assert said(runner, "stories", "import", str(path), "--dry-run")[1][-1] == "30 added, 30 already in, 0 skipped."
    assert rows_in(site)["stories"] == 0


def test_what_comes_before_a_broken_place_is_kept(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('source_id,language,title,body,consent\n1,en,T,B,yes\n2,en,T,"B' + "\n" * 10)
    code, lines = said(runner, "stories", "import", str(path))

    assert (code, lines[-1]) == (1, "1 added, 0 already in, 0 skipped.")
    assert "The file was not read to its end. The file ends inside the row that begins in line 3" in lines[-2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--as", "submissions"], "--owner EMAIL"),
        (["--owner", "lani@example.org"], "--owner goes with --as submissions"),
        (["--column", "Your story=stroy"], "names no field; the fields are attribution, body"),
        (["--set", "consent=yes"], "names no field"),
        (["--as", "submissions", "--owner", "nobody@example.org"], "There is no account for nobody@example.org."),
        (["--encoding", "klingon"], "There is no encoding 'klingon'."),
        (["--ignore", "Nothing"], "No record had what the options name: Nothing."),
    ],
)
def test_what_does_not_go_together_is_said(runner: FlaskCliRunner, options: list[str], words: str) -> None:
    _, lines = said(runner, "stories", "import", str(SAMPLES / "omeka.csv"), *options)
    assert words in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("import-bom.jsonl", "2 added, 0 already in, 0 skipped."),
        ("import-crlf.jsonl", "2 added, 0 already in, 0 skipped."),
        ("import-language-tags.jsonl", "5 added, 0 already in, 0 skipped."),
        ("import-nfd-id.jsonl", "1 added, 1 already in, 0 skipped."),
        ("import-oddities.jsonl", "5 added, 0 already in, 2 skipped."),
        ("files/converted.jsonl", "3 added, 0 already in, 0 skipped."),
    ],
)
def test_inputs_from_reports_come_in_whole(runner: FlaskCliRunner, name: str, end: str) -> None:
    path = str(shared("reports", *name.split("/")))

    assert said(runner, "stories", "import", path)[1][-1] == end
    added, again = (int(re.findall(r"\d+", line)[0]) for line in (end, said(runner, "stories", "import", path)[1][-1]))
    assert (added > 0, again) == (True, 0)
