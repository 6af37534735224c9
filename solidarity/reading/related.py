"""What stands beside a story: the guides that use it, and the stories and guides near it, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from index.engines.base import CorruptIndex
from solidarity import related
from solidarity.related import MOST
from solidarity.web import caching, locales
from solidarity.web.db import session
from solidarity.web.filters import join_list
from stories import queries
from stories.guides import allowed_stories
from stories.models import RelatedKind, Story
from stories.queries import LinkTarget
from stories.related import Near
from stories.text.languages import folded


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
        near = related.of_story(session(), story)
    except CorruptIndex:
        caching.forbid()
        return [], _guides_of(story, ())
    links = [_link("reading.story", one, _shared(shared)) for one, shared in _public(near, RelatedKind.STORY)]
    return links, _guides_of(story, _public(near, RelatedKind.GUIDE))


def _public(near: Iterable[Near], kind: RelatedKind) -> list[tuple[LinkTarget, Near]]:
    """Those of one kind that are public now, the nearest first."""
    wanted = [one for one in near if one.kind is kind]
    found = queries.linked(session(), kind, [one.other_id for one in wanted]) if wanted else {}
    return [(found[one.other_id], one) for one in wanted if one.other_id in found]


def _guides_of(story: Story, near: Sequence[tuple[LinkTarget, Near]]) -> list[Link]:
    """The guides built around this story, then those near it; none where its teller said no to guides."""
    if not allowed_stories.is_allowed(session(), story):
        return []
    built = _one_each(queries.guides_anchoring(session(), story, locales.current().tag), story)
    links = {guide.root_id: _link("teaching.guide", guide, _("Built around this story")) for guide in built}
    for guide, shared in near:
        links.setdefault(guide.root_id, _link("teaching.guide", guide, _shared(shared)))
    return list(links.values())[: max(MOST, len(built))]


def _one_each(guides: Iterable[LinkTarget], story: Story) -> list[LinkTarget]:
    """Of a guide and its translations one: in the reader's language, else in the story's, else the first."""
    wanted = [folded(locales.current().tag), folded(story.language)]
    best: dict[int, LinkTarget] = {}
    for guide in sorted(guides, key=lambda guide: _place(folded(guide.language), wanted)):
        best.setdefault(guide.root_id, guide)
    return list(best.values())


def _place(language: str, wanted: list[str]) -> int:
    return wanted.index(language) if language in wanted else len(wanted)


def _link(endpoint: str, target: LinkTarget, why: str) -> Link:
    return Link(url_for(endpoint, slug=target.slug), target.title, target.language, why)


def _shared(near: Near) -> Markup:
    """The reason: the themes that both have, or else words that stand in both."""
    if near.themes:
        return escape(_("Both speak of: %(themes)s")) % {"themes": join_list(near.themes)}
    return escape(_("Words in both: %(words)s")) % {"words": join_list(near.words)} if near.words else Markup("")
