"""A moderator's words lie beside the author's; what is public, its teller wrote or was shown, and said yes to."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import factories as make
import pytest
from databases import Databases, connected
from factories import NOW
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from stories import consent, editorial, queries, suggestions, wording
from stories.errors import NotNow, Refused, StaleRevision, Unmet
from stories.models import Naming, Person, Purpose, Revision, Role, Story
from stories.text import prose
from stories.workflow import State, Verb


def typed(*paragraphs: str, **more: Any) -> wording.Words:
    return make.words(typed="\n\n".join(paragraphs), **more)


@pytest.fixture
def mo(session: Session) -> Person:
    return make.person(session, Role.MODERATOR, name="Mo")


def suggested(session: Session, mo: Person, **changes: Any) -> Story:
    """A story of three paragraphs in review; the moderator suggests other ones for the first and the last."""
    story = make.story_in(session, State.IN_REVIEW, moderator=mo, typed="One.\n\nTwo.\n\nThree.", **changes)
    words = typed("Uno.", "Two.", "Tres.", title="A shorter title")
    editorial.amend(story, words, by=mo, at=NOW, revision_id=story.own_revision.id)
    return story


# --- beside, not in its place


def returned(verb: Verb, story: Story, mo: Person) -> None:
    seen, author = story.submissions[-1].proposed.id, story.submitter
    if verb is Verb.RECALL:
        editorial.release(story, by=mo, at=NOW)
        editorial.recall(story, by=author, at=NOW)
    elif verb is Verb.RELEASE:
        editorial.release(story, by=mo, at=NOW)
    elif verb is Verb.REVISE:
        editorial.ask_teller(story, by=mo, at=NOW, revision_id=seen)
        editorial.revise(story, by=author, at=NOW)
    else:
        step = editorial.decline if verb is Verb.DECLINE else editorial.request_changes
        step(story, by=mo, at=NOW, revision_id=seen, note="Shorter, please.")


@pytest.mark.parametrize(
    "verb", [Verb.RECALL, Verb.RELEASE, Verb.REVISE, Verb.DECLINE, Verb.REQUEST_CHANGES], ids=lambda verb: verb.value
)
def test_whatever_comes_next_the_author_has_their_own_words_and_the_suggestion_beside(
    session: Session, mo: Person, verb: Verb
) -> None:
    story = suggested(session, mo)
    returned(verb, story, mo)

    submission = story.submissions[-1]
    assert submission.suggestion is not None
    assert (story.own_revision.title, submission.suggestion.title) == ("The Water We Carried", "A shorter title")
    assert prose.text_of(story.own_revision.body) == "One.\nTwo.\nThree."


def test_the_authors_own_words_take_a_suggestion_back(session: Session, mo: Person) -> None:
    story = suggested(session, mo)
    own, proposed = wording.of(story.own_revision), story.submissions[-1].proposed.id
    assert editorial.amend(story, own, by=mo, at=NOW, revision_id=proposed) is story.own_revision
    editorial.approve(story, by=mo, at=NOW, revision_id=story.own_revision.id)

    assert story.submissions[-1].state is State.APPROVED


def test_nothing_is_approved_while_other_words_lie_beside_it(session: Session, mo: Person) -> None:
    story = suggested(session, mo)

    with pytest.raises(Unmet):
        editorial.approve(story, by=mo, at=NOW, revision_id=story.submissions[-1].proposed.id)


def test_a_yes_makes_the_suggested_words_the_storys(session: Session, mo: Person) -> None:
    story = suggested(session, mo)
    proposed = story.submissions[-1].proposed
    editorial.ask_teller(story, by=mo, at=NOW, revision_id=proposed.id)
    editorial.confirm(story, by=story.submitter, at=NOW, revision_id=proposed.id)
    editorial.publish(story, by=None, at=NOW)

    assert (story.published_revision, story.own_revision, story.submissions[-1].suggestion) == (
        proposed,
        proposed,
        None,
    )


def test_a_correction_lies_beside_what_readers_have(session: Session, mo: Person) -> None:
    story = make.published(session)
    public = story.published_revision
    editorial.correct(
        story, make.words(title="Corrected"), by=mo, at=NOW, revision_id=story.own_revision.id, note="So."
    )
    editorial.revise(story, by=story.submitter, at=NOW)

    assert (story.own_revision, story.submissions[-1].suggestion.title) == (public, "Corrected")  # type: ignore[union-attr]


# --- taking it up


def back_with(session: Session, mo: Person) -> Story:
    story = suggested(session, mo)
    returned(Verb.REQUEST_CHANGES, story, mo)
    editorial.revise(story, by=story.submitter, at=NOW)
    return story


def offered(story: Story) -> list[suggestions.Difference]:
    submission = story.submissions[-1]
    assert submission.suggestion is not None
    return suggestions.differences(submission.revision, submission.suggestion)


def take_up(story: Story, *chosen: str) -> Revision:
    submission = story.submissions[-1]
    return editorial.take_up(
        story, chosen, by=story.submitter, at=NOW, revision_id=submission.revision_id,
        suggestion_id=submission.suggestion_id or 0,
    )  # fmt: skip


def test_each_difference_is_offered_by_itself(session: Session, mo: Person) -> None:
    shown = [
        (each.field, "".join(part.text for part in each.parts if part.fate == "new"))
        for each in offered(back_with(session, mo))
    ]

    assert shown == [("title", "A shorter title"), ("body", "Uno"), ("body", "Tres")]


def test_neighbouring_paragraphs_are_offered_one_by_one(session: Session, mo: Person) -> None:
    story = make.story_in(session, State.IN_REVIEW, moderator=mo, typed="One.\n\nTwo.\n\nThree.")
    beside = editorial.amend(story, typed("Uno.", "Dos.", "Three."), by=mo, at=NOW, revision_id=story.own_revision.id)
    editorial.request_changes(story, by=mo, at=NOW, revision_id=beside.id, note="Like this?")
    editorial.revise(story, by=story.submitter, at=NOW)
    first, second = offered(story)
    mine = take_up(story, second.key)

    assert (prose.text_of(mine.body), [each.field for each in offered(story)]) == ("One.\nDos.\nThree.", ["body"])
    assert "".join(part.text for part in first.parts) == "OneUno."


def test_one_difference_is_taken_up_and_the_others_are_still_offered(session: Session, mo: Person) -> None:
    story = back_with(session, mo)
    last = offered(story)[-1].key
    mine = take_up(story, last)

    assert (mine.title, prose.text_of(mine.body)) == ("The Water We Carried", "One.\nTwo.\nTres.")
    assert (mine.written_by, story.own_revision) == (story.submitter, mine)
    assert [each.field for each in offered(story)] == ["title", "body"]


def test_all_of_it_taken_up_is_the_suggestion_but_for_how_the_teller_is_named(session: Session, mo: Person) -> None:
    story = make.story_in(session, State.IN_REVIEW, moderator=mo)
    renamed = typed("Other.", title="T", teller_naming=Naming.ANONYMOUS, takeaways=("One.",))
    editorial.amend(story, renamed, by=mo, at=NOW, revision_id=story.own_revision.id)
    returned(Verb.REQUEST_CHANGES, story, mo)
    editorial.revise(story, by=story.submitter, at=NOW)
    mine = take_up(story, *(each.key for each in offered(story)))

    assert (mine.title, mine.takeaways, mine.shown_name) == ("T", ["One."], "Lani Kekoa")


def test_differences_of_other_words_are_not_taken_up(session: Session, mo: Person) -> None:
    story = back_with(session, mo)
    submission, key = story.submissions[-1], offered(story)[0].key
    seen = submission.revision_id
    editorial.write(story, make.words(title="Meanwhile"), by=story.submitter, at=NOW, revision_id=seen)

    with pytest.raises(StaleRevision):
        editorial.take_up(
            story, [key], by=story.submitter, at=NOW, revision_id=seen, suggestion_id=submission.suggestion_id or 0
        )


def test_sending_answers_a_suggestion(session: Session, mo: Person) -> None:
    story = back_with(session, mo)
    editorial.submit(story, by=story.submitter, at=NOW, revision_id=story.own_revision.id)

    assert (story.submissions[-1].suggestion, story.submissions[-1].is_confirmed) == (None, True)


@pytest.mark.parametrize(
    "body",
    ["", "<p>One</p>", "<p>One</p><hr><p>Two</p>", "<ul><li><p>a</p></li></ul><blockquote><p>b<br>c</p></blockquote>",
     "<h2>x</h2><table><tbody><tr><td>1</td></tr></tbody></table><p>y</p>"],
)  # fmt: skip
def test_the_blocks_of_a_body_are_the_body(body: str) -> None:
    blocks = suggestions.blocks(body)

    assert "".join(blocks) == body
    assert all(block.startswith("<") and block.endswith(">") for block in blocks)


# --- what a teller knows


def test_what_the_submitter_wrote_is_no_word_of_a_teller_who_only_sends_it(session: Session, mo: Person) -> None:
    teller = make.person(session, Role.LEADER)
    story = make.draft(session, teller=teller)
    make.agree(story)
    editorial.write(story, make.words(title="Mine"), by=teller, at=NOW, revision_id=story.own_revision.id)
    editorial.submit(story, by=teller, at=NOW, revision_id=story.own_revision.id)
    editorial.begin_review(story, by=mo, at=NOW)

    with pytest.raises(Unmet):
        editorial.approve(story, by=mo, at=NOW, revision_id=story.own_revision.id)


def test_what_a_teller_was_shown_is_confirmed_by_sending_it(session: Session) -> None:
    teller = make.person(session, Role.LEADER)
    story = make.draft(session, teller=teller)
    make.agree(story)
    seen = story.own_revision.id
    editorial.submit(story, by=teller, at=NOW, revision_id=seen, shown_id=seen)

    assert (story.submissions[-1].is_confirmed, wording.known_to(teller, story)) == (True, story.own_revision)


def test_the_wording_that_was_read_before_is_known_in_the_second_round(session: Session, mo: Person) -> None:
    story = back_with(session, mo)
    first = story.own_revision
    editorial.write(story, make.words(title="Again"), by=story.submitter, at=NOW, revision_id=first.id)
    editorial.submit(story, by=story.submitter, at=NOW, revision_id=story.own_revision.id)

    assert wording.last_read(story.submissions[-1]) is first


# --- whoever presses what


TOWARDS_PUBLICATION = (Verb.SUBMIT, Verb.BEGIN_REVIEW, Verb.APPROVE, Verb.ASK_TELLER, Verb.CONFIRM, Verb.PUBLISH)
LATE = 12  # steps after which a story may come to its end


class OwnWords(RuleBasedStateMachine):
    """Authors, tellers and moderators take steps on three stories, most of them on what they were shown.

    What each teller knows is followed here by what was done, not by what is stored.
    """

    databases: Databases
    tried: ClassVar[Counter[str]] = Counter()
    taken: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        engine = self.open.enter_context(connected(self.open.enter_context(self.databases.migrated(folder))))
        self.session = self.open.enter_context(Session(engine))
        self.number = 0
        self.known: dict[tuple[int, int], set[str]] = {}  # wordings, by person and story
        self.confirmed: dict[int, set[str]] = {}  # wordings that its teller said yes to, by story

    def teardown(self) -> None:
        self.open.close()

    @initialize()
    def people(self) -> None:
        session = self.session
        lee, tess = make.person(session, Role.LEADER), make.person(session, Role.LEADER)
        both = make.person(session, Role.LEADER, Role.MODERATOR)
        self.everybody = [lee, tess, both, make.person(session, Role.MODERATOR), make.person(session, Role.MODERATOR)]
        self.stories = [
            make.draft(session, by=lee),
            make.draft(session, by=lee, teller=tess),
            make.draft(session, by=both, teller=lee),
        ]
        for story in self.stories:
            make.agree(story)
            self.note_known(story.submitter, story, story.own_revision)

    def note_known(self, person: Person, story: Story, revision: Revision) -> None:
        self.known.setdefault((person.id, story.id), set()).add(revision.digest)

    def knows(self, person: Person, story: Story, revision: Revision) -> bool:
        return revision.digest in self.known.get((person.id, story.id), set())

    def words(self, story: Story) -> wording.Words:
        """Other words than there are, of which some stay."""
        self.number += 1
        kept = prose.text_of(story.own_revision.body).split("\n")[: self.number % 4]
        return typed(*kept, f"Sentence {self.number}.")

    @rule(which=st.integers(0, 2), pick=st.integers(0, 200), shown=st.booleans())
    def take_a_step_that_is_open(self, which: int, pick: int, shown: bool) -> None:
        story = self.stories[which]
        steps = [(step, person) for person in self.everybody for step in sorted(_open(story, person))]
        self.act(*steps[pick % len(steps)], story, story.submissions[-1].proposed.id, shown)

    @rule(which=st.integers(0, 2), most=st.integers(1, 9), shown=st.booleans())
    def go_on_towards_publication(self, which: int, most: int, shown: bool) -> None:
        story = self.stories[which]
        for step in TOWARDS_PUBLICATION[:most]:
            able = [person for person in self.everybody if step in _open(story, person)]
            for person in able[:1]:
                self.act(step, person, story, story.submissions[-1].proposed.id, shown)

    @rule(
        step=st.sampled_from(sorted(["write", "amend", "take up", "answer", *Verb])),
        which=st.integers(0, 2), who=st.integers(0, 4), stale=st.booleans(), shown=st.booleans(),
    )  # fmt: skip
    def press_anything(self, step: str, which: int, who: int, stale: bool, shown: bool) -> None:
        story = self.stories[which]
        seen = story.revisions[0] if stale else story.submissions[-1].proposed
        self.act(step, self.everybody[who], story, seen.id, shown)

    def act(self, step: str, person: Person, story: Story, seen: int, shown: bool) -> None:
        self.tried[step] += 1
        try:
            with self.session.begin_nested():
                _STEPS[step](self, story, person, seen, shown)
        except Refused:
            return
        self.taken[step] += 1

    @invariant()
    def what_is_public_is_what_its_teller_knew_and_said_yes_to(self) -> None:
        for story in getattr(self, "stories", []):
            if (public := story.published_revision) is not None and story.is_readable:
                assert public.digest in self.confirmed.get(story.id, set())
                assert self.knows(story.speaker, story, public)

    @invariant()
    def what_its_author_works_at_is_no_moderators(self) -> None:
        for story in getattr(self, "stories", []):
            own = story.own_revision
            assert story.belongs_to(own.written_by) or own.digest in self.confirmed.get(story.id, set())

    @invariant()
    def what_is_listed_is_public(self) -> None:
        if hasattr(self, "stories"):
            listed = {story.id for story in queries.public_stories(self.session).rows}
            assert listed == {story.id for story in self.stories if story.is_public}


def _open(story: Story, person: Person) -> set[str]:
    """What `person` may begin, with the steps that are no verbs of the table; of those that end a story late ones."""
    open_now: set[str] = {verb.value for verb in editorial.actors.open_to(story, person)}
    if "submit" in open_now:
        open_now |= {"write", "take up"}
    if "ask teller" in open_now:
        open_now |= {"amend"}
    if len(story.transitions) < LATE:
        open_now -= {Verb.WITHDRAW, Verb.TAKE_NAME_OFF, Verb.DECLINE}
    return open_now | {"answer"}


def _write(machine: OwnWords, story: Story, person: Person, seen: int, _shown: bool) -> None:
    before, words = story.own_revision, machine.words(story)
    new = editorial.write(story, words, by=person, at=NOW, revision_id=seen)
    if machine.knows(person, story, before):  # else the words of others are in it, and were not shown as such
        machine.note_known(person, story, new)


def _take_up(machine: OwnWords, story: Story, person: Person, seen: int, _shown: bool) -> None:
    before, submission = story.own_revision, story.submissions[-1]
    offered = suggestions.differences(before, submission.suggestion) if submission.suggestion else []
    chosen = [each.key for each in offered][:: 1 + seen % 2]
    new = editorial.take_up(
        story, chosen, by=person, at=NOW, revision_id=seen, suggestion_id=submission.suggestion_id or 0
    )
    if machine.knows(person, story, before):
        machine.note_known(person, story, new)


def _submit(machine: OwnWords, story: Story, person: Person, seen: int, shown: bool) -> None:
    editorial.submit(story, by=person, at=NOW, revision_id=seen, shown_id=seen if shown else None)
    if shown:
        machine.note_known(person, story, story.own_revision)
    if story.speaks(person) and machine.knows(person, story, story.own_revision):
        machine.confirmed.setdefault(story.id, set()).add(story.own_revision.digest)


def _confirm(machine: OwnWords, story: Story, person: Person, seen: int, _shown: bool) -> None:
    editorial.confirm(story, by=person, at=NOW, revision_id=seen)
    machine.note_known(person, story, story.own_revision)  # the page shows every difference before it asks
    machine.confirmed.setdefault(story.id, set()).add(story.own_revision.digest)


def _answer(_machine: OwnWords, story: Story, person: Person, seen: int, shown: bool) -> None:
    purpose = [Purpose.PUBLISH, Purpose.NAME, Purpose.QUOTE][seen % 3]
    consent.record(story, {purpose: shown or seen % 3 > 0}, consent.Circumstances("en"), by=person, at=NOW)


def _withdraw(_machine: OwnWords, story: Story, person: Person, _seen: int, shown: bool) -> None:
    if shown:
        editorial.discard(story, by=person, at=NOW)
    elif len(story.transitions) >= LATE:
        editorial.withdraw(story, editorial.Scope.HIDE, by=person, at=NOW)
    else:
        raise NotNow(Verb.WITHDRAW, story.visibility)


def _take_name_off(machine: OwnWords, story: Story, person: Person, _seen: int, _shown: bool) -> None:
    if len(story.transitions) < LATE:
        raise NotNow(Verb.TAKE_NAME_OFF, story.visibility)
    known = [one for one in machine.everybody if machine.knows(one, story, story.own_revision)]
    editorial.take_name_off(story, by=person, at=NOW)
    for one in known:
        machine.note_known(one, story, story.own_revision)
    machine.confirmed.setdefault(story.id, set()).add(story.own_revision.digest)
    machine.note_known(person, story, story.own_revision)


def _noted(verb: Callable[..., Any]) -> Callable[..., None]:
    return lambda _machine, story, person, seen, _shown: verb(
        story, by=person, at=NOW, revision_id=seen, note="Because."
    )


def _plain(verb: Callable[..., Any], **more: Any) -> Callable[..., None]:
    return lambda _machine, story, person, _seen, _shown: verb(story, by=person, at=NOW, **more)


_STEPS: dict[str, Callable[..., None]] = {
    "write": _write,
    "take up": _take_up,
    "amend": lambda machine, story, person, seen, _shown: editorial.amend(
        story, machine.words(story), by=person, at=NOW, revision_id=seen
    ),
    "answer": _answer,
    Verb.SUBMIT: _submit,
    Verb.RECALL: _plain(editorial.recall),
    Verb.BEGIN_REVIEW: _plain(editorial.begin_review),
    Verb.RELEASE: _plain(editorial.release),
    Verb.APPROVE: _noted(editorial.approve),
    Verb.PUBLISH: _plain(editorial.publish),
    Verb.REQUEST_CHANGES: _noted(editorial.request_changes),
    Verb.REVISE: _plain(editorial.revise),
    Verb.DECLINE: _noted(editorial.decline),
    Verb.ASK_TELLER: _noted(editorial.ask_teller),
    Verb.CONFIRM: _confirm,
    Verb.CORRECT: lambda machine, story, person, _seen, _shown: editorial.correct(
        story, machine.words(story), by=person, at=NOW, revision_id=story.own_revision.id, note="Because."
    ),
    Verb.ARCHIVE: _plain(editorial.archive, note="Because."),
    Verb.RESTORE: _plain(editorial.restore),
    Verb.UNPUBLISH: _plain(editorial.unpublish, note="Because."),
    Verb.WITHDRAW: _withdraw,
    Verb.TAKE_NAME_OFF: _take_name_off,
}


def _play(databases: Databases, examples: int, steps: int) -> set[str]:
    """Try to break it; returns the steps that nobody came to take."""
    OwnWords.databases = databases
    OwnWords.tried.clear()
    OwnWords.taken.clear()
    run_state_machine_as_test(
        OwnWords,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize="CI" in os.environ,
        ),
    )  # fmt: skip
    assert sum(OwnWords.taken.values()) > sum(OwnWords.tried.values()) / 8
    return {step for step in _STEPS if not OwnWords.taken[step]}


def test_whoever_presses_what_nothing_is_public_that_its_teller_did_not_know_and_confirm(databases: Databases) -> None:
    assert Verb.PUBLISH not in _play(databases, 12, 50)


@pytest.mark.long
def test_in_thousands_of_steps_nothing_is_public_that_its_teller_did_not_know_and_confirm(databases: Databases) -> None:
    assert len(_play(databases, 150, 100)) < 3
