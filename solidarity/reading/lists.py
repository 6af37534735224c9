"""Home and the lists: all stories, themes, organisations."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template
from flask_babel import gettext as _

from solidarity.reading.blueprint import blueprint
from solidarity.reading.facet_links import FacetGroup, ListState, active_filters, group
from solidarity.web import locales, query_params
from solidarity.web.db import session
from stories import queries
from stories.models import Story
from stories.queries import Page, StoryFilter, counts

ON_HOME = 7  # the opening story and six more
NAMES = ("theme", "language", "organisation")


@blueprint.get("/")
def home() -> str:
    """The site opens with a story, and shows three ways in."""
    language = locales.current().tag
    stories = _for_home(language)
    opening = next((story for story in stories if _opens_well(story)), stories[0] if stories else None)
    return render_template(
        "reading/home.html",
        opening=opening,
        newest=[story for story in stories if story is not opening],
        languages_by_root=_languages_by_root(stories),
        themes=[(theme, count) for theme, count in queries.themes_with_counts(session(), language) if count],
    )


def _for_home(language: str) -> list[Story]:
    """The newest stories in the reader's language, filled up with others."""
    own = list(queries.public_stories(session(), StoryFilter(language=language), size=ON_HOME).rows)
    if len(own) == ON_HOME:
        return own
    others = queries.public_stories(session(), size=ON_HOME).rows
    known = {story.root_id for story in own}
    return (own + [story for story in others if story.root_id not in known])[:ON_HOME]


def _opens_well(story: Story) -> bool:
    """Whether a story may greet whoever comes in: it has words to begin with, and none that need a note first."""
    revision = story.published_revision
    return revision is not None and bool(revision.pull_quotes and revision.introduction and not revision.content_note)


@blueprint.get("/stories")
def stories() -> str:
    """Every public story, the newest first, narrowed by theme, language or organisation."""
    chosen = {name: (value,) for name in NAMES if (value := query_params.text(name, query_params.LONGEST))}
    choices = ListState("reading.stories", chosen=chosen, page=query_params.page())
    wanted = StoryFilter(**{name: values[0] for name, values in chosen.items()})
    groups, labels = _choices_of(choices, wanted)
    return render_template(
        "reading/stories.html", choices=choices, groups=groups, picks=active_filters(choices, labels), **_listed(wanted)
    )


def _choices_of(choices: ListState, wanted: StoryFilter) -> tuple[list[FacetGroup], dict[tuple[str, str], str]]:
    """What a list of stories can be narrowed to, and the names of the choices in force."""
    tag = locales.current().tag
    options = {
        "theme": [(row.slug, row.name_in(tag), count) for row, count in counts.by_theme(session(), wanted, tag)],
        "language": [
            (code, locales.language_name(code), count) for code, count in counts.by_language(session(), wanted).items()
        ],
        "organisation": [
            (row.slug, row.name_in(tag), count) for row, count in counts.by_organisation(session(), wanted, tag)
        ],
    }
    labels = {(name, value): label for name in options for value, label, _count in options[name]}
    return [group(choices, name, title, options[name]) for name, title in group_titles().items()], labels


def group_titles() -> dict[str, str]:
    """What the groups of choices are called, in the order they stand on the page."""
    return {"theme": _("Theme"), "language": _("Language"), "organisation": _("Organisation")}


@blueprint.get("/themes")
def themes() -> str:
    """Every theme with what it is about."""
    rows = queries.themes_with_counts(session(), locales.current().tag)
    return render_template("reading/themes.html", themes=rows)


@blueprint.get("/themes/<slug>")
def theme(slug: str) -> str:
    """One theme, its stories and its guides."""
    row = queries.theme_at(session(), slug[: query_params.LONGEST]) or abort(404)
    guides = queries.public_guides(session(), queries.GuideFilter(theme=row.slug))
    choices = ListState("reading.theme", page=query_params.page(), fixed={"slug": row.slug})
    return render_template(
        "reading/theme.html", theme=row, guides=guides, choices=choices, **_listed(StoryFilter(theme=row.slug))
    )


@blueprint.get("/organisations")
def organisations() -> str:
    """Every organisation with what it says of itself."""
    rows = queries.organisations_with_counts(session(), locales.current().tag)
    return render_template("reading/organisations.html", organisations=rows)


@blueprint.get("/organisations/<slug>")
def organisation(slug: str) -> str:
    """One organisation and its stories."""
    row = queries.organisation_at(session(), slug[: query_params.LONGEST]) or abort(404)
    choices = ListState("reading.organisation", page=query_params.page(), fixed={"slug": row.slug})
    return render_template(
        "reading/organisation.html", organisation=row, choices=choices, **_listed(StoryFilter(organisation=row.slug))
    )


def _listed(wanted: StoryFilter) -> dict[str, Any]:
    """A page of stories for a template, with the languages each of them can be read in."""
    page: Page[Story] = queries.public_stories(session(), wanted, number=query_params.page())
    return {"page": page, "languages_by_root": _languages_by_root(page.rows)}


def _languages_by_root(stories: Any) -> dict[int, list[str]]:
    return queries.public_languages_by_root(session(), {story.root_id for story in stories})
