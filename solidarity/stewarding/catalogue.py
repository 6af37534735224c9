"""Themes and organisations: their names and what they are about, in every language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity import search_engine
from solidarity.stewarding.blueprint import blueprint
from solidarity.stewarding.forms import OrganisationForm, ThemeForm, typed
from solidarity.web import db, locales
from solidarity.web.form_recovery import resendable
from solidarity.web.forms import show_refusal
from solidarity.web.permissions import roles_required
from solidarity.web.remembered import remembered
from stories import queries
from stories.community import catalogue
from stories.community.catalogue import NameTaken, NotAWebsite
from stories.errors import Missing, Refused, TooLong
from stories.models import Organisation, Role, Theme


@dataclass(frozen=True)
class CatalogueKind:
    """Themes or organisations: how they are listed and found, and what their pages say."""

    kind: Any  # Theme or Organisation
    form: type[ThemeForm]
    listed: Callable[..., Sequence[Any]]
    counted: Callable[..., Mapping[int, int]]
    at: Callable[..., Any]
    title: Any
    lede: Any
    new: Any


SHELVES = {
    "themes": CatalogueKind(
        Theme, ThemeForm, queries.themes, queries.theme_counts, queries.theme_at,
        _l("Themes"), _l("What stories and guides are about. A few that everybody understands are better than many."),
        _l("A new theme"),
    ),
    "organisations": CatalogueKind(
        Organisation, OrganisationForm, queries.organisations, queries.organisation_counts,
        queries.organisation_at,
        _l("Organisations"), _l("The organisations that tellers and leaders belong to."), _l("A new organisation"),
    ),
}  # fmt: skip
_ANY = '<any("themes", "organisations"):kind>'


@blueprint.get(f"/stewarding/{_ANY}")
@roles_required(Role.STEWARD)
def shelf(kind: str) -> str:
    """All of them, with the number of their stories."""
    shelf = SHELVES[kind]
    counted = remembered(f"{kind} counts", lambda: shelf.counted(db.session()))
    rows = [(row, counted.get(row.id, 0)) for row in shelf.listed(db.session(), locales.current().tag)]
    return render_template("stewarding/catalogue.html", kind=kind, shelf=shelf, rows=rows)


@blueprint.route(f"/stewarding/{_ANY}/new", methods=["GET", "POST"])
@roles_required(Role.STEWARD)
@resendable(_l("Add a theme or an organisation"))
def new(kind: str) -> Any:
    """Add one."""
    shelf = SHELVES[kind]
    form = shelf.form()
    if not form.is_submitted():
        return _page(kind, form)
    return _save(kind, form, None, lambda: catalogue.add(db.session(), shelf.kind, form.entry))


@blueprint.route(f"/stewarding/{_ANY}/<slug>", methods=["GET", "POST"])
@roles_required(Role.STEWARD)
@resendable(_l("Save a theme or an organisation"))
def one(kind: str, slug: str) -> Any:
    """Say what one is called and about; its address stays."""
    shelf = SHELVES[kind]
    row = shelf.at(db.session(), slug[:200]) or abort(404)
    form = shelf.form(data=typed(catalogue.entry_of(row)))
    if not form.is_submitted():
        return _page(kind, form, row)
    return _save(kind, form, row, lambda: catalogue.write(db.session(), row, form.entry))


def _save(kind: str, form: ThemeForm, row: Any, write: Callable[[], Any]) -> Any:
    if not form.validate():
        return _page(kind, form, row), 422
    try:
        saved = write()
    except (NameTaken, NotAWebsite, Missing, TooLong) as refused:
        _show(form, refused)
        return _page(kind, form, row), 422
    db.commit()
    done = search_engine.catch_up()
    told, later = _("Saved."), _("The lists and the search follow in a moment.")
    flash(told if done else f"{told} {later}", "success")
    return redirect(url_for("stewarding.one", kind=kind, slug=saved.slug), 303)


def _show(form: ThemeForm, refused: Refused) -> None:
    """Put a refusal beside its field."""
    if isinstance(refused, NameTaken):
        form.name.errors = [_("There is one with this name already.")]
    elif isinstance(refused, NotAWebsite):
        form.website.errors = [_("Please write the address of a website, beginning with https://")]
    else:
        show_refusal(form, refused)


def _page(kind: str, form: ThemeForm, row: Any = None) -> str:
    return render_template("stewarding/catalogue-entry.html", kind=kind, shelf=SHELVES[kind], form=form, row=row)
