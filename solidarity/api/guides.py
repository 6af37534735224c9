"""Public guides as JSON, with their phases, timed steps and prompts."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from solidarity.api.blueprint import blueprint, found, page, per_page
from solidarity.api.stories import reference as story_reference
from solidarity.api.stories import themes
from solidarity.web import query_params
from solidarity.web.db import session
from solidarity.web.urls import canonical_guide_path
from stories import queries
from stories.guides import allowed_stories
from stories.models import Guide
from stories.models.guides import Phase, Step

PLAIN = (
    "about", "settings", "grade_bands", "group_min", "group_max", "essential_question", "objectives", "preparation",
    "agreements", "materials", "content_note", "help_note", "credits", "version",
)  # fmt: skip


@blueprint.get("/guides")
def guides() -> Response:
    """Every public guide, the newest first. There are hundreds at most: they are counted here."""
    number, size = page(), per_page()
    rows = queries.public_guides(session(), with_themes=True)
    return jsonify(total=len(rows), guides=[summary(guide) for guide in rows[(number - 1) * size : number * size]])


@blueprint.get("/guides/<slug>")
def guide(slug: str) -> Response:
    """One public guide, whole."""
    row = queries.guide_at(session(), slug[: query_params.LONGEST])
    shown = found(row if row is not None and row.is_public else None)
    family = queries.public_guide_translations(session(), [shown.root_id])[shown.root_id]
    return jsonify(
        **summary(shown),
        **{name: getattr(shown, name) for name in PLAIN},
        phases=[_phase(phase) for phase in shown.phases],
        stories=[story_reference(story) for story in allowed_stories.anchored(session(), shown)],
        translations=[_reference(other) for other in family if other is not shown],
    )


def summary(guide: Guide) -> dict[str, Any]:
    """What a list says of a guide; `minutes` is the sum of its steps."""
    return {
        **_reference(guide),
        "slug": guide.slug,
        "minutes": guide.minutes,
        "audiences": guide.audiences,
        "themes": themes(guide.themes),
        "published_at": guide.published_at.isoformat() if guide.published_at else None,
    }


def _reference(guide: Guide) -> dict[str, str]:
    return {"language": guide.language, "title": guide.title, "url": canonical_guide_path(guide)}


def _phase(phase: Phase) -> dict[str, Any]:
    return {"title": phase.title, "about": phase.about, "steps": [_step(step) for step in phase.steps]}


def _step(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "minutes": step.minutes,
        "grouping": step.grouping,
        "instruction": step.instruction,
        "tip": step.tip,
        "prompts": [{"text": prompt.text, "depth": prompt.depth} for prompt in step.prompts],
    }
