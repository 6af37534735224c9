"""The index follows the database, whatever happens in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import factories
import pytest
from factories import NOW
from nine_languages import TEXTS
from sqlalchemy.orm import Session

from index import documents, engines, entries, sync
from index.engines.base import Engine, Entry, Search, Term, TokenStream
from index.sync import CatchUpResult, Difference
from stories import changes, editorial, processes
from stories.models import Change
from stories.processes import Processes


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


def keys_with(engine: Engine, term: str) -> list[str]:
    return sorted(hit.key for hit in engine.search(Search(Term(term))).hits)


def test_a_published_story_is_found_after_catching_up(session: Session, engine: Engine) -> None:
    story = factories.published(session, title="Kalamungay soup")
    session.commit()
    assert sync.catch_up(session, engine).up_to_date
    assert keys_with(engine, "kalamungay") == [f"story:{story.id}"]


def test_a_story_that_is_not_public_is_never_in_the_index(session: Session, engine: Engine) -> None:
    factories.draft(session, title="Kalamungay soup")
    session.commit()
    sync.catch_up(session, engine)
    assert list(engine.keys()) == []


def test_an_unpublished_story_leaves_the_index(session: Session, engine: Engine) -> None:
    story = factories.published(session, title="Kalamungay soup")
    session.commit()
    sync.catch_up(session, engine)
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)
    session.commit()
    sync.catch_up(session, engine)
    assert keys_with(engine, "kalamungay") == []


def test_catching_up_twice_changes_nothing(session: Session, engine: Engine) -> None:
    factories.published(session)
    session.commit()
    sync.catch_up(session, engine)
    before = sorted(engine.keys())
    assert sync.catch_up(session, engine) == CatchUpResult(True, 0)
    assert sorted(engine.keys()) == before


def test_catching_up_goes_on_over_several_batches(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH", 2)
    for number in range(5):
        factories.published(session, title=f"Story {number}")
    session.commit()
    assert sync.catch_up(session, engine).up_to_date
    assert engine.count() == 5
    assert sync.is_up_to_date(session, engine)


def test_a_rebuild_holds_every_public_story_and_says_how_far_it_is(session: Session, engine: Engine) -> None:
    for number in range(3):
        factories.published(session, title=f"Story {number}")
    session.commit()
    steps: list[int] = []
    assert sync.rebuild(session, engine, steps.append) == 3
    assert sum(steps) == 3
    assert sync.check(session, engine) == []
    assert sync.is_up_to_date(session, engine)


def test_check_names_what_is_missing_what_is_outdated_and_what_should_not_be_there(
    session: Session, engine: Engine
) -> None:
    stories = [factories.published(session, title=f"Story {number}") for number in range(3)]
    session.commit()
    sync.catch_up(session, engine)
    documented = next(documents.documents(session, "story", [stories[0].id]))
    wrong = documented.__class__(**{**documented.__dict__, "title": "Another title"})
    stray = documented.__class__(**{**documented.__dict__, "key": "story:999"})
    cursor = engine.cursor()
    engine.apply([wrong.entry(), stray.entry()], [f"story:{stories[1].id}"], cursor, after=cursor)
    assert sync.check(session, engine) == [
        Difference(f"story:{stories[0].id}", "outdated"),
        Difference(f"story:{stories[1].id}", "missing"),
        Difference("story:999", "not public"),
    ]


def test_an_index_that_followed_another_database_is_rebuilt(session: Session, engine: Engine) -> None:
    factories.published(session)
    session.commit()
    engine.apply([], [], 1_000_000, after=0)
    assert sync.repair(session, engine) == "the index belongs to a newer state of the database"
    assert sync.check(session, engine) == []
    assert sync.repair(session, engine) == ""


def test_an_index_made_by_another_version_is_rebuilt(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.published(session)
    session.commit()
    sync.catch_up(session, engine)
    monkeypatch.setattr(entries, "VERSION", entries.VERSION + 1)
    assert sync.repair(session, engine) == "the index was made by another version of the site"
    assert sync.check(session, engine) == []
    assert sync.repair(session, engine) == ""


def test_a_damaged_index_is_rebuilt(session: Session, engine: Engine, tmp_path: Path) -> None:
    factories.published(session)
    session.commit()
    sync.catch_up(session, engine)
    for file in (tmp_path / "index").glob("*/*.terms"):
        file.write_bytes(file.read_bytes()[:-20])
    later = engines.open(tmp_path / "index")
    assert "cut short" in (later.problem() or "")
    assert not sync.catch_up(session, later).up_to_date
    assert "cut short" in sync.repair(session, later)
    assert later.problem() is None
    assert sync.check(session, later) == []


def test_a_purge_leaves_no_byte_of_a_withdrawn_story(session: Session, engine: Engine, tmp_path: Path) -> None:
    story = factories.published(
        session, title="Zyxwvut", typed="Qwertzuiop was here.", place="Plokmijn", teller_name="Uhbygvtfc"
    )
    for number in range(4):
        factories.published(session, title=f"Story {number}")
    session.commit()
    sync.catch_up(session, engine)
    assert _files_with(tmp_path / "index", b"qwertzuiop") != []
    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW)
    session.commit()
    sync.catch_up(session, engine)
    sync.purge(engine)
    for word in (b"zyxwvut", b"qwertzuiop", b"plokmijn", b"uhbygvtfc"):
        assert _files_with(tmp_path / "index", word) == []
    assert engine.count() == 4


def _files_with(folder: Path, word: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and word in file.read_bytes().lower()]


def test_names_without_entries_are_passed_over_however_many(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH", 2)
    session.add_all(Change(kind="theme", subject_id=number) for number in range(5))
    story = factories.published(session, title="Kalamungay soup")
    session.commit()

    assert sync.catch_up(session, engine) == CatchUpResult(True, 1)
    assert (engine.cursor(), list(dict(engine.keys()))) == (changes.newest(session), [f"story:{story.id}"])


def analysed_otherwise(session: Session, story_id: int) -> Entry:
    """The entry of a story with every mark of the right one, and terms that its words do not come to."""
    entry = next(documents.documents(session, "story", [story_id])).entry()
    terms = tuple(("chase" if term == "water" else term, place) for term, place in entry.words[0].terms)
    return replace(entry, words=(TokenStream(terms, entry.words[0].weight), *entry.words[1:]))


def test_a_deep_check_finds_an_entry_whose_terms_are_not_those_of_its_words(session: Session, engine: Engine) -> None:
    stories = [factories.published(session) for _ in range(3)]
    session.commit()
    sync.catch_up(session, engine)
    cursor = engine.cursor()
    engine.apply([analysed_otherwise(session, stories[1].id)], [], cursor, after=cursor)

    assert sync.check(session, engine) == []
    assert sync.check(session, engine, deep=True) == [
        Difference(f"story:{stories[1].id}", "not what its words come to")
    ]
    sync.rebuild(session, engine)
    assert sync.check(session, engine, deep=True) == []


def test_a_check_looks_at_all_however_many_there_are(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH", 2)
    stories = [factories.published(session, title=f"Story {number}") for number in range(5)]
    gone = [entry.key for entry in other_entries(session, stories[0].id, 3)]
    session.commit()
    sync.catch_up(session, engine)
    cursor = engine.cursor()
    engine.apply(other_entries(session, stories[0].id, 3), [f"story:{stories[4].id}"], cursor, after=cursor)

    found = sync.check(session, engine)
    assert found[0] == Difference(f"story:{stories[4].id}", "missing")
    assert sorted(difference.key for difference in found[1:]) == gone
    assert {difference.kind for difference in found[1:]} == {"not public"}


def other_entries(session: Session, story_id: int, count: int) -> list[Entry]:
    entry = next(documents.documents(session, "story", [story_id])).entry()
    return [replace(entry, key=f"story:{900 + number}") for number in range(count)]


@pytest.mark.parametrize("way", ["rebuild", "catch up"])
def test_other_processes_make_the_entries_that_this_one_makes(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    for language, text in TEXTS.items():
        factories.published(session, language=language, title=text[:20], typed=text)
    session.commit()
    alone, together = (engines.open(tmp_path / name) for name in ("alone", "together"))
    sync.catch_up(session, alone)
    monkeypatch.setattr(processes, "LEAST", 2)
    monkeypatch.setattr(processes, "CHUNK", 2)
    monkeypatch.setattr(processes, "processors", lambda: 3)
    if way == "rebuild":
        sync.rebuild(session, together)
    else:
        with Processes() as helpers:
            assert sync.catch_up(session, together, processes=helpers).up_to_date

    keys = list(dict(alone.keys()))
    assert len(keys) == len(TEXTS)
    assert together.term_digests(keys) == alone.term_digests(keys)
    assert sync.check(session, together, deep=True) == []
