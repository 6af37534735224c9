"""Who may do what: the part somebody plays in a story, and the verbs of the table that are open to them now."""

from __future__ import annotations

from stories.models import Person, Story
from stories.workflow import RULES, Actor, Stage, Verb


def parts_of(person: Person | None, story: Story) -> frozenset[Actor]:
    """In which parts `person` may act on `story` now; None is the clock."""
    if person is None:
        return frozenset({Actor.CLOCK})
    parts = set()
    if story.belongs_to(person):
        parts.add(Actor.AUTHOR)
        if story.speaks(person):
            parts.add(Actor.TELLER)
    elif "moderator" in person.roles:
        parts.add(Actor.MODERATOR)
        if story.speaker.is_stand_in:
            parts.add(Actor.WITNESS)
        submission = story.open_submission
        if submission is not None and submission.reviewer is person:
            parts.add(Actor.REVIEWER)
    return frozenset(parts)


def stages_of(story: Story) -> tuple[Stage, ...]:
    """Where a story stands: its open submission first, then with readers."""
    submission = story.open_submission
    return (submission.state, story.visibility) if submission is not None else (story.visibility,)


def open_to(story: Story, person: Person) -> frozenset[Verb]:
    """The verbs that `person` may begin on `story` now (what they need is asked for when they do)."""
    parts = parts_of(person, story)
    busy = story.open_submission is not None
    return frozenset(
        rule.verb
        for stage in stages_of(story)
        for rule in RULES
        if rule.start is stage and rule.actors & parts and not (busy and rule.opens_submission)
    )
