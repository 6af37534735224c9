"""The letters that tell an author what happened to a story, and moderators that one waits; never its words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from solidarity.letters import compose
from solidarity.letters.models import Kind
from solidarity.web.db import session
from stories.models import Person, Story
from stories.queries import review_queue
from stories.text.languages import interface_tag
from stories.workflow import Verb

N_ = str  # marks a sentence for translation; the letter says it in the language of its receiver


class News(NamedTuple):
    """What a letter says of a step; `is_public`: it leads to the story's page, else to the author's desk."""

    subject: str
    text: str
    is_public: bool = False


_NEWS: dict[Verb, News] = {
    Verb.PUBLISH: News(
        N_("Your story is published"),
        N_("A moderator has read your story and approved it. Everybody can read it now:"),
        is_public=True,
    ),
    Verb.APPROVE: News(
        N_("Your story is approved"),
        N_("A moderator has read your story and approved it. When it will be published stands on your desk:"),
    ),
    Verb.REQUEST_CHANGES: News(
        N_("A moderator asks for changes to your story"),
        N_("A moderator has read your story and asks for changes. What they wrote to you waits on your desk:"),
    ),
    Verb.DECLINE: News(
        N_("Your story was not taken"),
        N_("A moderator has read your story and decided that it does not fit here. Their reason is on your desk:"),
    ),
    Verb.ASK_TELLER: News(
        N_("Please look at the words of your story"),
        N_(
            "A moderator has a question about the words of your story. Nothing is published before you say yes to them:"
        ),
    ),
    Verb.CORRECT: News(
        N_("A correction to your story is proposed"),
        N_("A moderator proposes a correction. Readers go on seeing your words until you say yes to the new ones:"),
    ),
    Verb.ARCHIVE: News(
        N_("Your story was archived"),
        N_("A moderator took your story out of the lists and the search; its page can still be read. The reason:"),
    ),
    Verb.RESTORE: News(
        N_("Your story is shown to readers again"),
        N_("A moderator put your story back. Everybody can read it now:"),
        is_public=True,
    ),
    Verb.UNPUBLISH: News(
        N_("Your story was taken down"),
        N_("A moderator took your story down, so that readers do not see it now. The reason stands on your desk:"),
    ),
}


def tell(story: Story, verb: Verb, *, by: Person | None) -> None:
    """Write to the teller and to whoever sent the story in, as far as they have accounts and did not do it themselves.

    A step that makes no news makes no letter. The letters wait in the outbox, in the caller's transaction.
    """
    news = _NEWS.get(verb)
    if news is None:
        return
    people = {person.id: person for person in (story.teller, story.submitter) if person not in (None, by)}
    for person in people.values():
        if (account := compose.account_of(person)) is not None:
            where = _where(story, news, account)
            compose.send(account, Kind.STORY_NEWS, subject=news.subject, text=news.text, link=where)


def tell_moderators(story: Story, *, at: datetime) -> None:
    """Tell the moderators who want it that a story, sent at `at`, waits: each at most once an hour."""
    for person in review_queue.moderators_to_tell(session(), story, at):
        account = compose.account_of(person)
        if account is not None and account.password and account.queue_letters:
            queue = compose.link(account, "moderating.queue")
            compose.send(account, Kind.STORY_WAITS, link=queue, unsubscribe=f"{queue}#letters")


def _where(story: Story, news: News, account: Any) -> str:
    if news.is_public:
        return compose.link(account, "reading.story", slug=story.slug, locale=interface_tag(story.language))
    return compose.link(account, "submitting.story", story_id=story.id)
