"""Works out beforehand what stands beside each story, so that its page need not; `flask tend` asks every few seconds.

A change forgets what it touches (`stories.related`); what is public and has nothing kept is due. While it is due, the
page works it out itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from flask import current_app
from sqlalchemy.orm import Session

from index import related, sync
from index.engines.base import Engine
from index.related import SourceDocument
from solidarity.search_engine import engine
from solidarity.web.db import db, writing
from stories import changes, database, queries
from stories import related as kept
from stories.models import Guide, RelatedKind, Story
from stories.related import Near

MOST = 3  # of each kind beside a story
NEIGHBOURS = 6  # stories near to one that changed: it may stand beside them now
SECONDS = 1.0  # for which one round goes on
BATCH = 20
IDLE = "related: nothing is due"  # and in which state of the site that was seen


def work_out_due() -> int:
    """Work out what is due, for a second at most; returns for how many stories and guides."""
    session, done, until = db.session, 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        state = changes.newest(session)
        if current_app.extensions.get(IDLE) == state or engine().cursor() != state:  # the index follows first
            break
        batch = queries.related_due(session, BATCH)
        if not batch:
            current_app.extensions[IDLE] = state
            break
        if not work_out(session, batch, state):
            break
        done += len(batch)
        sync.catch_up(session, engine())
    session.rollback()
    return done


def work_out(session: Session, subjects: Iterable[tuple[RelatedKind, int]], state: int) -> bool:
    """Work out what is near to some stories and guides, and keep it if the site is still in this state."""
    found = [(kind, number, *_near(session, engine(), kind, number)) for kind, number in subjects]
    session.rollback()
    session.expunge_all()
    return _keep(found, state)


Found = tuple[RelatedKind, int, Sequence[Near], Sequence[int]]


def _near(session: Session, engine: Engine, kind: RelatedKind, number: int) -> tuple[list[Near], list[int]]:
    """What stands beside a story, and the stories that may have another beside them now, if it changed itself."""
    subject = session.get(Story, number) if kind is RelatedKind.STORY else session.get(Guide, number)
    source = related.source_document(session, engine, subject) if subject is not None else None
    if source is None:
        return [], []
    near = near_story(session, engine, source) if kind is RelatedKind.STORY else []
    if not kept.is_new(session, kind, number):
        return near, []
    return near, related.nearest_stories(engine, source, limit=NEIGHBOURS)


def near_story(session: Session, engine: Engine, source: SourceDocument) -> list[Near]:
    """The stories and guides nearest to a story, each with what both have.

    Stories without a reason that can be shown are left out: they would look as if picked at random.
    """
    stories = related.related_stories(session, engine, source, limit=MOST)
    guides = related.related_guides(session, engine, source, limit=MOST)
    near = [Near(RelatedKind.GUIDE, each.guide.id, each.themes, each.words) for each in guides]
    return near + [Near(RelatedKind.STORY, each.story.id, each.themes, each.words) for each in stories if each.why]


def _keep(found: Iterable[Found], state: int) -> bool:
    """Keep what was found in a state of the site, if it is that still; returns whether it was kept.

    Everything that is named is held meanwhile: who withdraws one of these waits, and then finds the rows.
    """
    found = list(found)
    with writing() as session:
        named = {(kind, number) for kind, number, _, _ in found}
        named |= {(one.kind, one.other_id) for _, _, near, _ in found for one in near}
        for kind, number in sorted(named, key=lambda each: (each[0] is RelatedKind.GUIDE, each[1])):
            _hold(session, kind, number)
        if changes.newest(session) != state:
            return False
        for kind, number, near, neighbours in found:
            kept.look_again(session, neighbours)
            if kind is RelatedKind.STORY:
                kept.keep(session, number, near)
            else:
                kept.note_done(session, kind, number)
    return True


def _hold(session: Session, kind: RelatedKind, number: int) -> None:
    """Let nobody change a story or guide until the transaction ends. Stories before guides, each in their order."""
    row = session.get(Story, number) if kind is RelatedKind.STORY else session.get(Guide, number)
    if row is not None:
        database.lock(row)


def of_story(session: Session, story: Story) -> list[Near]:
    """What stands beside a story: what is kept, or else worked out here. Raises CorruptIndex."""
    if (near := kept.of_story(session, story.id)) is not None:
        return near
    source = related.source_document(session, engine(), story)
    return near_story(session, engine(), source) if source is not None else []
