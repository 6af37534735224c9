"""The letters that tell an author what happened to a story, and moderators that one waits; never its words."""

from __future__ import annotations

from datetime import datetime

from solidarity.letters import compose
from solidarity.letters.models import Kind
from solidarity.web.db import session
from stories.models import Person, Story
from stories.queries import review_queue
from stories.workflow import Verb

N_ = str  # marks a sentence for translation; the letter says it in the language of its receiver


SUBJECT = N_("News of your story")  # it shows on a locked screen, and says nothing of what became of the story


_NEWS: dict[Verb, str] = {
    Verb.PUBLISH: N_(
        "A moderator has read your story and approved it. Everybody can read it now. The way to it is on your desk:"
    ),
    Verb.APPROVE: N_("A moderator has read your story and approved it. When it will be published stands on your desk:"),
    Verb.REQUEST_CHANGES: N_(
        "A moderator has read your story and asks for changes. What they wrote to you waits on your desk:"
    ),
    Verb.DECLINE: N_(
        "A moderator has read your story and decided that it does not fit here. Their reason is on your desk:"
    ),
    Verb.ASK_TELLER: N_(
        "A moderator has a question about the words of your story. Nothing is published before you say yes to them:"
    ),
    Verb.CORRECT: N_(
        "A moderator proposes a correction. Readers go on seeing your words until you say yes to the new ones:"
    ),
    Verb.ARCHIVE: N_(
        "A moderator took your story out of the lists and the search; its page can still be read. The reason:"
    ),
    Verb.RESTORE: N_("A moderator put your story back. Everybody can read it now. The way to it is on your desk:"),
    Verb.UNPUBLISH: N_(
        "A moderator took your story down, so that readers do not see it now. The reason stands on your desk:"
    ),
}
_APPROVED_UNSEEN = N_(
    "A moderator has read the new words of your story and approved them. Readers do not see the story just now; "
    "why stands on your desk:"
)


def tell(story: Story, verb: Verb, *, by: Person | None) -> None:
    """Write to the teller and to whoever sent the story in, as far as they have accounts and did not do it themselves.

    A step that makes no news makes no letter. The letters wait in the outbox, in the caller's transaction.
    """
    news = _NEWS.get(verb) if verb is not Verb.PUBLISH or story.is_readable else _APPROVED_UNSEEN
    if news is None:
        return
    people = {person.id: person for person in (story.teller, story.submitter) if person not in (None, by)}
    for person in people.values():
        if (account := compose.account_of(person)) is not None:
            desk = compose.link(account, "submitting.story", story_id=story.id)
            compose.send(account, Kind.STORY_NEWS, subject=SUBJECT, text=news, link=desk)


def tell_moderators(story: Story, *, at: datetime) -> None:
    """Tell the moderators who want it that a story, sent at `at`, waits: each at most once an hour."""
    for person in review_queue.moderators_to_tell(session(), story, at):
        account = compose.account_of(person)
        if account is not None and account.password and account.queue_letters:
            queue = compose.link(account, "moderating.queue")
            compose.send(account, Kind.STORY_WAITS, link=queue, unsubscribe=f"{queue}#letters")
