"""Where a story comes from (its language, teller and original), and how that is put right before it is first sent."""

from __future__ import annotations

from datetime import datetime

from stories import actors, consent, steps
from stories.editorial import Origin, root_of
from stories.errors import NotNow, NotPermitted
from stories.models import Person, Purpose, Story
from stories.workflow import Verb, Visibility


def is_open(story: Story, person: Person) -> bool:
    """Whether `person` may still alter the origin of `story`: they send it in, and no step was ever taken."""
    return story.submitter_id == person.id and not story.transitions and not story.translations


def put_right(story: Story, origin: Origin, *, by: Person, at: datetime) -> None:
    """Alter language, teller and original of a draft that was never sent; the rest of `origin` is not looked at.

    A yes that was recorded for another teller does not carry over. Raises NotPermitted or NotNow.
    """
    root = root_of(origin)
    steps.hold(story)
    if story.submitter_id != by.id:
        raise NotPermitted(Verb.REVISE)
    if not is_open(story, by):
        raise NotNow(Verb.REVISE, actors.stages_of(story)[0])
    if story.teller is not origin.teller:
        given = {purpose: False for purpose, yes in consent.answers_of(story).items() if yes}
        consent.record(story, given, consent.Circumstances(language=story.language), by=by, at=at)
        story.teller = origin.teller
    story.language = origin.language
    story.original = None if root is story else root


def may_translate(original: Story, person: Person) -> bool:
    """Whether `person` may translate: a story of their own, or a public one whose teller did not say no to it."""
    if original.belongs_to(person):
        return original.visibility is not Visibility.WITHDRAWN
    return original.is_public and consent.answers_of(original).get(Purpose.TRANSLATE) is not False
