"""The form in which a moderator suggests other words; how the teller is named is not theirs to change."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from solidarity import story_form
from solidarity.moderating.forms import StepForm
from solidarity.web.forms import MaxLength, VisibleTextRequired
from stories import wording
from stories.models import Revision
from stories.text import limits
from stories.wording import Words


class SuggestionForm(story_form.WordsForm, StepForm):
    """Other words for the revision that the moderator was looking at."""

    def new_words(self, revision: Revision) -> Words:
        """The words of `revision` with what was typed. Raises TooLong, TooMuchMarkup or TooDeep."""
        return self.words_over(wording.of(revision))


class CorrectionForm(SuggestionForm):
    """Other words for a published story, and why."""

    note = TextAreaField(
        _l("Why you propose it"),
        [VisibleTextRequired(_l("Please tell the teller why.")), MaxLength(limits.NOTE)],
        description=_l("The teller reads this."),
    )


def typed(revision: Revision) -> dict[str, Any]:
    """What the form shows for a revision."""
    return story_form.typed(wording.of(revision)) | {"revision": str(revision.id)}
