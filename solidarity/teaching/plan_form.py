"""Between the form and the domain: a stored guide to be written on, and what was typed as a plan."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from solidarity.teaching import step_editing
from solidarity.teaching.forms import GuideForm, PhaseForm, StepForm
from solidarity.web import locales
from stories import guides, queries
from stories.guides import GuidePlan, PhasePlan, PromptPlan, StepPlan, allowed_stories
from stories.models import Guide, Story, Theme
from stories.models.guides import Depth, Grouping

_OTHERWISE = frozenset({"themes", "stories", "phases", "group_min", "group_max", "query_minutes"})


def offer_themes(form: GuideForm, themes: Sequence[Theme], reader: str) -> None:
    """Let the form offer the themes of the site, named in the language of the `reader`."""
    form.themes.choices = [SelectChoice(theme.slug, theme.name_in(reader)) for theme in themes]


def blank() -> dict[str, Any]:
    """What the form of a new guide holds before anything is typed: an outline to begin with."""
    outline = (_("Before we meet"), _("Opening"), _("The story"), _("The conversation"), _("Closing"))
    return {
        "form_key": secrets.token_urlsafe(12),
        "language": locales.current().tag,
        "phases": [step_editing.empty_phase(title) for title in outline],
    }


def of(guide: Guide) -> dict[str, Any]:
    """What the form shows of a stored guide."""
    plan = guides.plan_of(guide)
    written = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return written | {
        "version": guide.version,
        "themes": [theme.slug for theme in plan.themes],
        "stories": [story.id for story in plan.stories],
        "phases": [_written_phase(phase) for phase in plan.phases] or [step_editing.empty_phase()],
    }


def translation_of(guide: Guide) -> dict[str, Any]:
    """What the form of a new translation holds: the words of `guide`, to be written over."""
    return (
        of(guide)
        | {"form_key": secrets.token_urlsafe(12), "version": "", "translation_of": guide.slug}
        | {"language": locales.current().tag}
    )


def _written_phase(phase: PhasePlan) -> dict[str, Any]:
    return {"title": phase.title, "about": phase.about, "steps": [_written_step(step) for step in phase.steps]}


def _written_step(step: StepPlan) -> dict[str, Any]:
    questions = {
        depth.value: [prompt.text for prompt in step.prompts if prompt.depth is depth] for depth in Depth
    }  # fmt: skip
    return {
        "title": step.title,
        "minutes": step.minutes,
        "grouping": step.grouping.value,
        "instruction": step.instruction,
        "tip": step.tip,
        **questions,
    }


def plan(session: Session, form: GuideForm, guide: Guide | None = None) -> GuidePlan:
    """What was typed, as a plan. The form must be valid; `guide` is the one that is written on."""
    themes = {theme.slug: theme for theme in queries.themes(session, locales.current().tag)}
    texts = {field.name: form[field.name].data for field in fields(GuidePlan) if field.name not in _OTHERWISE}
    return GuidePlan(
        **texts,
        group_min=form.group_min.number,
        group_max=form.group_max.number,
        query_minutes=form.query_minutes.number,
        themes=tuple(themes[slug] for slug in form.themes.data),
        stories=tuple(stories(session, form, guide)),
        phases=tuple(_phase(phase.form) for phase in form.phases),
    )


def stories(session: Session, form: GuideForm, guide: Guide | None) -> list[Story]:
    """The chosen stories, in order: those a guide may show, and those that already stood on this one."""
    allowed = allowed_stories.allowed_by_id(session, form.stories.data)
    already = {anchor.story_id: anchor.story for anchor in guide.anchors} if guide else {}
    known = already | allowed
    return [known[number] for number in form.stories.data if number in known]


def _phase(form: PhaseForm) -> PhasePlan:
    return PhasePlan(form.title.data or "", form.about.data or "", tuple(_step(step.form) for step in form.steps))


def _step(form: StepForm) -> StepPlan:
    return StepPlan(
        title=form.title.data or "",
        minutes=form.minutes.number or 0,
        grouping=Grouping(form.grouping.data),
        instruction=form.instruction.data or "",
        tip=form.tip.data or "",
        prompts=tuple(PromptPlan(text, depth) for depth, text in form.questions()),
    )
