"""Home and the lists: all stories, themes, organisations."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _

from solidarity.reading.blueprint import blueprint
from solidarity.reading.facet_links import FacetGroup, ListState, active_filters, group
from solidarity.web import locales, query_params
from solidarity.web.db import session
from solidarity.web.remembered import remembered
from stories import queries
from stories.models import Story
from stories.queries import Page, StoryFilter, counts

GUIDES = 6  # on the page of a theme
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
        themes=remembered(("themes", language), lambda: _themes(language)),
    )


def _themes(language: str) -> list[tuple[str, str, int]]:
    """The themes that have stories: address, name in the reader's language, how many."""
    counted = queries.theme_counts(session())
    rows = queries.themes(session(), language)
    return [(theme.slug, theme.name_in(language), counted[theme.id]) for theme in rows if theme.id in counted]


def _for_home(language: str) -> list[Story]:
    """The newest stories in the reader's language, filled up with others."""
    own = list(queries.newest_stories(session(), StoryFilter(language=language), ON_HOME))
    if len(own) == ON_HOME:
        return own
    others = queries.newest_stories(session(), StoryFilter(), ON_HOME)
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
    options = remembered(("options", wanted, tag), lambda: _options(wanted, tag))
    labels = {(name, value): label for name in options for value, label, _count in options[name]}
    return [group(choices, name, title, options[name]) for name, title in group_titles().items()], labels


def _options(wanted: StoryFilter, tag: str) -> dict[str, list[tuple[str, str, int]]]:
    """What each kind of choice offers: the value, its name in the reader's language, and how many stories it leaves."""
    return {
        "theme": [(row.slug, row.name_in(tag), count) for row, count in counts.by_theme(session(), wanted, tag)],
        "language": [
            (code, locales.language_name(code), count) for code, count in counts.by_language(session(), wanted).items()
        ],
        "organisation": [
            (row.slug, row.name_in(tag), count) for row, count in counts.by_organisation(session(), wanted, tag)
        ],
    }


def group_titles() -> dict[str, str]:
    """What the groups of choices are called, in the order they stand on the page."""
    return {"theme": _("Theme"), "language": _("Language"), "organisation": _("Organisation")}


@blueprint.get("/themes")
def themes() -> str:
    """Every theme with what it is about."""
    counted = remembered("theme counts", lambda: queries.theme_counts(session()))
    rows = [(theme, counted.get(theme.id, 0)) for theme in queries.themes(session(), locales.current().tag)]
    return render_template("reading/themes.html", themes=rows)


@blueprint.get("/themes/<slug>")
def theme(slug: str) -> str:
    """One theme, its stories and its guides."""
    row = queries.theme_at(session(), slug[: query_params.LONGEST]) or abort(404)
    guides = queries.newest_guides(session(), row.slug, GUIDES + 1)
    more = url_for("teaching.guides", theme=row.slug) if len(guides) > GUIDES else ""
    choices = ListState("reading.theme", page=query_params.page(), fixed={"slug": row.slug})
    return render_template(
        "reading/theme.html",
        theme=row,
        guides=guides[:GUIDES],
        more_guides=more,
        choices=choices,
        **_listed(StoryFilter(theme=row.slug)),
    )


@blueprint.get("/organisations")
def organisations() -> str:
    """Every organisation with what it says of itself."""
    counted = remembered("organisation counts", lambda: queries.organisation_counts(session()))
    rows = [(row, counted.get(row.id, 0)) for row in queries.organisations(session(), locales.current().tag)]
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
    total = remembered(("total", wanted), lambda: queries.count_public(session(), wanted))
    page: Page[Story] = queries.public_stories(session(), wanted, number=query_params.page(), total=total)
    return {"page": page, "languages_by_root": _languages_by_root(page.rows)}


def _languages_by_root(stories: Any) -> dict[int, list[str]]:
    return queries.public_languages_by_root(session(), {story.root_id for story in stories})
