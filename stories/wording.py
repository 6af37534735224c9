"""The words of a story as a person sends them: tidied, held to their limits, and turned into a revision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stories.errors import Missing, TooLong
from stories.models import Naming, Organisation, Person, Revision, Story, Submission, Theme
from stories.text import limits, prose, reading_time
from stories.workflow import Verb, Visibility

SHORT_FIELDS = {"title": limits.TITLE, "attribution": limits.ATTRIBUTION} | dict.fromkeys(
    ("teller_name", "place", "time"), limits.SHORT
)
LONG_FIELDS = {"introduction": limits.INTRODUCTION, "content_note": limits.INTRODUCTION}
LIST_FIELDS = ("pull_quotes", "takeaways", "prompts")


@dataclass(frozen=True)
class Words:
    """Everything of a story that readers see. `body` is safe HTML from `stories.text.prose`."""

    title: str
    body: str = ""
    introduction: str = ""
    teller_naming: Naming = Naming.FULL_NAME
    teller_name: str = ""
    attribution: str = ""
    pull_quotes: tuple[str, ...] = ()
    takeaways: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    content_note: str = ""
    place: str = ""
    time: str = ""
    themes: tuple[Theme, ...] = ()
    organisation: Organisation | None = None

    def tidied(self) -> Words:
        """The same words without control characters and stray space, an anonymous teller without a name.

        Raises Missing for an empty title and TooLong for whatever is over its limit.
        """
        named = self.teller_naming is not Naming.ANONYMOUS
        texts: dict[str, Any] = {name: prose.plain(getattr(self, name)) for name in SHORT_FIELDS}
        texts |= {name: prose.lines(getattr(self, name)) for name in LONG_FIELDS}
        texts |= {name: _entries(getattr(self, name)) for name in LIST_FIELDS}
        tidy = replace(self, **texts)
        tidy = tidy if named else replace(tidy, teller_name="")
        tidy._check()
        return tidy

    def _check(self) -> None:
        if not self.title:
            raise Missing("title")
        for name, limit in (SHORT_FIELDS | LONG_FIELDS).items():
            if len(getattr(self, name)) > limit:
                raise TooLong(name, limit)
        for name in LIST_FIELDS:
            entries = getattr(self, name)
            if len(entries) > limits.LIST_ENTRIES or any(len(entry) > limits.SHORT for entry in entries):
                raise TooLong(name, limits.SHORT)

    @property
    def digest(self) -> str:
        """A hash of every word, by which a teller's yes is bound to exactly this wording."""
        values = [
            self.title, self.body, self.introduction, self.teller_naming, self.teller_name, self.attribution,
            self.pull_quotes, self.takeaways, self.prompts, self.content_note, self.place, self.time,
            sorted(theme.slug for theme in self.themes), self.organisation.slug if self.organisation else "",
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


def _entries(raw: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tidy for entry in raw if (tidy := prose.plain(entry)))


def of(revision: Revision) -> Words:
    """The words of a revision, to be shown again or altered into the next one."""
    names = [name for name in Words.__dataclass_fields__ if name not in (*LIST_FIELDS, "themes")]
    given: dict[str, Any] = {name: getattr(revision, name) for name in names}
    given |= {name: tuple(getattr(revision, name)) for name in (*LIST_FIELDS, "themes")}
    return Words(**given)


def has_body(words: Words | Revision) -> bool:
    """Whether the story itself holds something that a reader can see."""
    return prose.has_visible_text(prose.text_of(words.body))


def carry_name(story: Story) -> bool:
    """Whether a wording of a story that readers had, or of a translation of it, names the teller."""
    had = [one for one in (story, *story.translations) if one.published_revision is not None]
    shown = [one for one in had if one.visibility is not Visibility.WITHDRAWN]
    return any(revision.teller_name for one in shown for revision in one.revisions)


def known_to(person: Person, story: Story) -> Revision | None:
    """The last wording of which `person` wrote, confirmed or was shown every word; None where there is none.

    What somebody else wrote in between is not known to them, though they wrote on from there.
    """
    confirmed = {passage.confirmed_digest for passage in story.submissions} if story.speaks(person) else set()
    known, before = None, None
    for revision in _authors_wordings(story, confirmed):
        if revision.digest in confirmed or (revision.written_by_id == person.id and before is known):
            known = revision
        before = revision
    return known


def _authors_wordings(story: Story, confirmed: set[str]) -> list[Revision]:
    """The wordings of a story, oldest first, without those that a moderator suggested and nobody confirmed."""
    authors = {story.submitter_id, story.teller_id}
    return [one for one in story.revisions if one.written_by_id in authors or one.digest in confirmed]


def last_confirmed(submission: Submission) -> Revision | None:
    """The wording before the proposed one that the teller knows: their own, one they said yes to, or what is public.

    None where the proposed one is the first that they will see.
    """
    story = submission.story
    known = known_to(story.speaker, story)
    return known if known is not None and known is not submission.proposed else story.published_revision


def last_read(submission: Submission) -> Revision | None:
    """The author's wording that a moderator read before this one was sent; None where none was."""
    sent: Revision | None = None
    read: Revision | None = None
    before: Revision | None = None
    for step in submission.story.transitions:
        if step.submission is submission and step.verb is Verb.SUBMIT:
            sent, before = step.revision, read
        elif step.submission is submission and step.verb is Verb.BEGIN_REVIEW:
            read = sent
    return before


def revision_of(story: Story, words: Words, *, by: Person, at: datetime) -> Revision:
    """The next revision of `story` with these words, which must be tidied."""
    text = prose.text_of(words.body)
    return Revision(
        number=len(story.revisions) + 1,
        **{name: getattr(words, name) for name in (*SHORT_FIELDS, *LONG_FIELDS, "body", "teller_naming")},
        **{name: list(getattr(words, name)) for name in (*LIST_FIELDS, "themes")},
        organisation=words.organisation,
        reading_minutes=reading_time.reading_minutes(f"{words.introduction}\n{text}"),
        digest=words.digest,
        written_by=by,
        written_at=at,
    )
