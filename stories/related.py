"""What stands beside stories, as rows: kept, read by the rule of what is public, and forgotten with what it quotes.

Nobody else writes these rows. `forget` is part of every change of what readers see (`stories.changes`), so that no
word of a text outlasts its being public.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, false, or_, select, true, update
from sqlalchemy.orm import Session

from stories.models import Change, Related, RelatedKind, RelatedProgress


@dataclass(frozen=True)
class Near:
    """A story or guide that is near to another, and what both have: names of themes, words as written."""

    kind: RelatedKind
    other_id: int
    themes: tuple[str, ...]
    words: tuple[str, ...]


def forget(session: Session, kind: RelatedKind, subject_id: int) -> None:
    """Remove what was found near a story or guide, and it from beside others; these are looked at again."""
    names_it = and_(Related.kind == kind, Related.other_id == subject_id)
    look_again(session, session.scalars(select(Related.story_id).where(names_it)).all())
    own = and_(true() if kind is RelatedKind.STORY else false(), Related.story_id == subject_id)
    session.execute(delete(Related).where(or_(names_it, own)))
    of_it = and_(RelatedProgress.kind == kind, RelatedProgress.subject_id == subject_id)
    session.execute(delete(RelatedProgress).where(of_it))


def look_again(session: Session, story_ids: Iterable[int]) -> None:
    """Have what is near to these stories worked out again; until then what is kept is shown."""
    if wanted := list(story_ids):
        session.execute(
            update(RelatedProgress)
            .where(RelatedProgress.kind == RelatedKind.STORY, RelatedProgress.subject_id.in_(wanted))
            .values(is_current=False)
        )


def keep(session: Session, story_id: int, near: Sequence[Near]) -> bool:
    """Keep what is near to a story, the nearest first; returns whether it is other than what was kept.

    The caller holds the story and all that is near to it, and has seen that they are public.
    """
    kept = of_story(session, story_id)
    changed = kept is not None and kept != list(near)
    if kept is None or changed:
        session.execute(delete(Related).where(Related.story_id == story_id))
        session.add_all(
            Related(
                story_id=story_id, kind=one.kind, position=position, other_id=one.other_id, themes=list(one.themes),
                words=list(one.words),
            )
            for position, one in enumerate(near)
        )  # fmt: skip
    if changed:  # what is kept for the first time is what its page has worked out itself until now
        session.add(Change(kind="related", subject_id=story_id))
    note_done(session, RelatedKind.STORY, story_id)
    return changed


def note_done(session: Session, kind: RelatedKind, subject_id: int) -> None:
    """Write down that a story or guide is worked out."""
    session.merge(RelatedProgress(kind=kind, subject_id=subject_id, is_current=True))


_KEPT = (
    select(Related.kind, Related.other_id, Related.themes, Related.words)
    .select_from(RelatedProgress)
    .outerjoin(Related, Related.story_id == RelatedProgress.subject_id)
    .where(RelatedProgress.kind == RelatedKind.STORY, RelatedProgress.subject_id == bindparam("story"))
    .order_by(Related.kind, Related.position)
)


def of_story(session: Session, story_id: int) -> list[Near] | None:
    """What was found near a story, the nearest first; None where that was not worked out yet."""
    progress = session.execute(_KEPT, {"story": story_id}).all()
    if not progress:
        return None
    return [Near(kind, other, tuple(themes), tuple(words)) for kind, other, themes, words in progress if kind]


def is_new(session: Session, kind: RelatedKind, subject_id: int) -> bool:
    """Whether a story or guide was never worked out since it last changed."""
    return session.get(RelatedProgress, (kind, subject_id)) is None
