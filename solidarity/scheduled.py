"""Publishes approved stories when their time has come, and tells their authors; `flask tend` asks every few seconds."""

from __future__ import annotations

import logging

from solidarity.letters import outbox, story_news
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories import editorial, queries
from stories.errors import Refused
from stories.workflow import Verb

log = logging.getLogger(__name__)


def publish_due() -> int:
    """Publish what is due, each story in a transaction of its own; returns how many."""
    due = [story.id for story in queries.due_for_publication(db.session, now())]
    db.session.rollback()
    return sum(_publish(story_id) for story_id in due)


def _publish(story_id: int) -> int:
    with writing() as session:
        story = queries.story_with_id(session, story_id)
        if story is None:
            return 0
        try:
            editorial.publish(story, by=None, at=now())
        except Refused as refused:
            log.warning("story %s was not published: %s", story_id, refused)
            return 0
        story_news.tell(story, Verb.PUBLISH, by=None)
    outbox.hand_over()
    return 1
