"""Which story a translation belongs to, from the address that somebody typed or pasted."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask_babel import gettext as _

from solidarity.submitting.forms import StoryForm
from solidarity.web.db import session
from solidarity.web.permissions import current_person
from stories import origins, queries
from stories.models import Story


def original_at(address: str) -> Story | None:
    """The story at a pasted address; its slug alone will do."""
    try:
        path = urlsplit(address.strip()).path
    except ValueError:  # such as an unfinished IPv6 host
        return None
    slug = unquote(path.rstrip("/").rpartition("/")[2])
    return queries.story_at(session(), slug) if slug else None


def original_refusal(form: StoryForm, original: Story | None, story: Story | None) -> str:
    """Why this cannot be the original, in words for the person who gave it; empty where it can."""
    if not (form.translation_of.data or "").strip() or (
        story is not None and not origins.is_open(story, current_person())
    ):
        return ""
    if original is None or not (original.is_readable or original.belongs_to(current_person())):
        return str(_("We found no story at this address. Open the original and copy the address from there."))
    if original is story:
        return str(_("A story cannot be a translation of itself."))
    if original.language == form.language.data:
        return str(_("That story is in the same language. Is the language above the right one?"))
    if not origins.may_translate(original, current_person()):
        return str(_("The teller of that story has not agreed to translations."))
    return ""
