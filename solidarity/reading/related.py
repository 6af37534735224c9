"""What stands beside a story: the guides that use it, and the stories and guides near it, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from index import related
from index.engines.base import CorruptIndex
from index.related import RelatedGuide, RelatedStory, SourceDocument
from solidarity.search_engine import engine
from solidarity.web import caching, locales, urls
from solidarity.web.db import session
from solidarity.web.filters import join_list
from stories import queries
from stories.guides import allowed_stories
from stories.models import Guide, Story
from stories.text.languages import folded

MOST = 3  # of each kind


@dataclass(frozen=True)
class Link:
    """A story or guide to go on to; `why` says what leads there."""

    url: str
    title: str
    language: str
    why: str  # safe to show: what is not ours in it was escaped


def of_story(story: Story) -> tuple[list[Link], list[Link]]:
    """The stories nearest to this one, and guides for it; while the index is being made, those built around it."""
    try:
        source = related.source_document(session(), engine(), story)
        if source is None:
            return [], _guides_of(story, ())
        return _stories_near(source), _guides_of(story, related.related_guides(session(), engine(), source, limit=MOST))
    except CorruptIndex:
        caching.forbid()
        return [], _guides_of(story, ())


def _stories_near(source: SourceDocument) -> list[Link]:
    """Stories without a reason that can be shown are left out: they would look as if picked at random."""
    return [
        Link(urls.story_path(near.story), _title(near.story), near.story.language, _shared(near))
        for near in related.related_stories(session(), engine(), source, limit=MOST)
        if near.why
    ]


def _guides_of(story: Story, guides_near: Iterable[RelatedGuide]) -> list[Link]:
    """The guides built around this story, then those near it; none where its teller said no to guides."""
    if not allowed_stories.allowed_by_id(session(), [story.id]):
        return []
    built = _one_each(queries.guides_anchoring(session(), story, locales.current().tag), story)
    links = {guide.root_id: _link(guide, _("Built around this story")) for guide in built}
    for near in guides_near:
        links.setdefault(near.guide.root_id, _link(near.guide, _shared(near)))
    return list(links.values())[: max(MOST, len(built))]


def _one_each(guides: Iterable[Guide], story: Story) -> list[Guide]:
    """Of a guide and its translations one: in the reader's language, else in the story's, else the first."""
    wanted = [folded(locales.current().tag), folded(story.language)]
    best: dict[int, Guide] = {}
    for guide in sorted(guides, key=lambda guide: _place(folded(guide.language), wanted)):
        best.setdefault(guide.root_id, guide)
    return list(best.values())


def _place(language: str, wanted: list[str]) -> int:
    return wanted.index(language) if language in wanted else len(wanted)


def _link(guide: Guide, why: str) -> Link:
    return Link(urls.guide_path(guide), guide.title, guide.language, why)


def _title(story: Story) -> str:
    return story.published_revision.title if story.published_revision else ""


def _shared(near: RelatedStory | RelatedGuide) -> Markup:
    """The reason: the themes that both have, or else words that stand in both."""
    if near.themes:
        return escape(_("Both speak of: %(themes)s")) % {"themes": join_list(near.themes)}
    return escape(_("Words in both: %(words)s")) % {"words": join_list(near.words)} if near.words else Markup("")
