"""What an operator types: clear lines, exit codes, and nothing done twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from running import run_flask
from sqlalchemy.orm import Session

from index import documents
from solidarity.config import Settings
from solidarity.web.clock import now
from stories import editorial
from stories.models import Role
from stories.workflow import State

ROW = {
    "source_id": "hull-001", "language": "en", "title": "The Ferry", "body": "We rowed by lanternlight.",
    "attribution": "Told by the crew", "licence": "CC BY 4.0",
}  # fmt: skip


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "stories.jsonl"
    path.write_text("\n".join(json.dumps(ROW | {"source_id": f"hull-{number}"}) for number in range(3)))
    return path


def total(client: FlaskClient, query: str) -> int:
    return int(client.get(f"/api/v1/search?q={query}").json["total"])  # type: ignore[index]


def test_an_import_is_public_and_findable_at_once(runner: FlaskCliRunner, client: FlaskClient, lines: Path) -> None:
    done = runner.invoke(args=["stories", "import", str(lines)])

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "3 added, 0 already in, 0 skipped.")
    assert total(client, "lanternlight") == 3


def test_an_import_begun_again_goes_on_where_it_was(runner: FlaskCliRunner, lines: Path) -> None:
    runner.invoke(args=["stories", "import", str(lines)])
    lines.write_text(lines.read_text() + "\n" + json.dumps(ROW | {"source_id": "hull-9"}))
    done = runner.invoke(args=["stories", "import", str(lines)])

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 added, 3 already in, 0 skipped.")


def test_a_bad_line_is_named_and_skipped_and_the_exit_code_says_so(runner: FlaskCliRunner, lines: Path) -> None:
    lines.write_text('{"source_id": \n' + lines.read_text())
    done = runner.invoke(args=["stories", "import", str(lines)])

    assert (done.exit_code, done.output.splitlines()[-1]) == (1, "3 added, 0 already in, 1 skipped.")
    assert "line 1 was skipped" in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--submitter", "nobody@example.org"], "There is no account for nobody@example.org."),
        (["missing.jsonl"], "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    runner: FlaskCliRunner, lines: Path, options: list[str], said: str
) -> None:
    done = runner.invoke(args=["stories", "import", *options, *([str(lines)] if options[0].startswith("--") else [])])

    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output


def test_check_names_what_is_missing_until_the_index_has_caught_up(runner: FlaskCliRunner, site: Session) -> None:
    story = make.published(site)
    site.commit()
    before = runner.invoke(args=["index", "check"])
    caught_up = runner.invoke(args=["index", "catch-up"])
    after = runner.invoke(args=["index", "check"])

    assert (before.exit_code, before.output.splitlines()[0]) == (1, f"story:{story.id} is missing")
    assert (caught_up.exit_code, after.exit_code, after.output) == (0, 0, "Index and database agree.\n")


def test_a_deep_check_names_what_was_cut_into_other_terms(runner: FlaskCliRunner, app: Flask, site: Session) -> None:
    story = make.published(site)
    site.commit()
    runner.invoke(args=["index", "catch-up"])
    engine = app.extensions["engine"]
    entry = next(documents.documents(site, "story", [story.id])).entry()
    engine.apply([replace(entry, words=entry.words[:1])], [], engine.cursor(), after=engine.cursor())
    shallow, deep = (runner.invoke(args=["index", "check", *option]) for option in ([], ["--deep"]))

    assert (shallow.exit_code, shallow.output) == (0, "Index and database agree.\n")
    assert (deep.exit_code, deep.output.splitlines()) == (1, [
        f"story:{story.id} is not what its words come to",
        "Error: 1 differences; `flask index rebuild` mends them.",
    ])  # fmt: skip


@pytest.mark.parametrize("command", ["rebuild", "purge", "catch-up"])
def test_each_index_command_ends_well_and_says_what_is_so(runner: FlaskCliRunner, site: Session, command: str) -> None:
    make.published(site)
    site.commit()
    runner.invoke(args=["index", "catch-up"])
    done = runner.invoke(args=["index", command])

    assert done.exit_code == 0
    assert done.output.endswith(".\n")
    assert runner.invoke(args=["index", "check"]).exit_code == 0


def test_tending_publishes_what_is_due_and_makes_it_findable(
    runner: FlaskCliRunner, client: FlaskClient, site: Session
) -> None:
    moderator = make.person(site, Role.MODERATOR)
    story = make.story_in(site, State.IN_REVIEW, moderator=moderator, title="Quillwort")
    editorial.approve(
        story, by=moderator, at=make.NOW, revision_id=story.newest_revision.id, publish_at=now() - timedelta(seconds=1)
    )
    site.commit()
    before = total(client, "quillwort")
    done = runner.invoke(args=["tend", "--once"])

    assert (before, done.exit_code, total(client, "quillwort")) == (0, 0, 1)


@pytest.mark.parametrize("limits", ["yes", "no"])
def test_every_duty_of_tending_is_done_without_trouble(settings: Settings, limits: str) -> None:
    done = run_flask(settings.instance_path, "tend", "--once", DATABASE_URL=settings.database_url, RATE_LIMITS=limits)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_publish_due_says_how_many(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["stories", "publish-due"]).output == "0 published.\n"
