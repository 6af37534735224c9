"""The forms of a leader: a story's words, what its teller agrees to, and its withdrawal."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from solidarity import story_form
from solidarity.story_form import WordsForm
from solidarity.web.forms import Form, MaxLength, VisibleTextRequired
from solidarity.web.fresh_sign_in import AsksPassword
from solidarity.web.labels import NAMES, choices
from stories import consent
from stories.editorial import Scope
from stories.models import Method, Naming, Purpose, Story
from stories.text import limits, prose
from stories.text.languages import STORY_LANGUAGES
from stories.wording import Words

LANGUAGES = [SelectChoice(language.tag, language.name) for language in STORY_LANGUAGES.values()]
OWN, OTHERS = "own", "others"


class StoryForm(WordsForm):
    """Every word of a story that readers will see, and where it comes from."""

    form_key = HiddenField()
    revision_id = HiddenField()
    language = SelectField(_l("Language of the story"), choices=LANGUAGES)
    whose = RadioField(
        _l("Whose story is it?"),
        choices=[
            SelectChoice(OWN, _l("It is my own story")),
            SelectChoice(OTHERS, _l("I write it down for somebody else")),
        ],
        default=OWN,
    )
    teller_naming = RadioField(_l("How is the teller named?"), choices=choices(Naming), default=Naming.FULL_NAME.value)
    teller_name = StringField(
        _l("Name, as readers will see it"),
        [MaxLength(limits.SHORT)],
        description=_l("If the teller is to stay anonymous, leave this empty: no name is stored."),
    )
    translation_of = StringField(
        _l("Address of the original story"),
        [MaxLength(limits.SHORT)],
        description=_l("Only if this is a translation: copy the address from the page of the original."),
    )

    def words(self) -> Words:
        """What was typed, as the domain takes it. Raises TooLong, TooMuchMarkup or TooDeep."""
        named = Words(
            title="", teller_naming=Naming(self.teller_naming.data), teller_name=self.teller_name.data or ""
        )  # fmt: skip
        return self.words_over(named)


def typed(words: Words) -> dict[str, Any]:
    """What the form shows for words that were saved."""
    naming = {"teller_naming": words.teller_naming.value, "teller_name": words.teller_name}
    return story_form.typed(words) | naming


PURPOSES = (Purpose.PUBLISH, Purpose.NAME, Purpose.TRANSLATE, Purpose.USE_IN_GUIDES, Purpose.QUOTE)
METHODS = (Method.SELF, Method.READ_ALOUD, Method.INTERPRETER, Method.IN_WRITING)
WHO_LENGTH = 300  # with the teller's sentence it fits the 1,000 characters of a consent event's evidence


def _purpose(purpose: Purpose, description: Any) -> BooleanField:
    return BooleanField(NAMES[Purpose][purpose], description=description)


class ConsentForm(Form):
    """What the teller says yes to, each purpose apart, and how they were asked."""

    revision_id = HiddenField()
    publish = _purpose(
        Purpose.PUBLISH,
        _l(
            "Anybody can read it, without an account, and search engines may find it. You can take it down at any time."
        ),
    )
    name = _purpose(Purpose.NAME, _l("Readers see the name as it stands under the title."))
    translate = _purpose(
        Purpose.TRANSLATE, _l("Others may put it into other languages. A moderator reads each of them.")
    )
    use_in_guides = _purpose(
        Purpose.USE_IN_GUIDES, _l("Teachers and groups may print it and build a lesson or a conversation around it.")
    )
    quote = _purpose(Purpose.QUOTE, _l("Short passages may stand in newsletters, talks and reports, with the credit."))
    method = RadioField(
        _l("How was the teller asked?"),
        choices=[SelectChoice(method.value, NAMES[Method][method]) for method in METHODS],
    )
    language = SelectField(_l("In which language?"), choices=LANGUAGES)
    asked_by = StringField(
        _l("Who read it aloud, interpreted, or keeps the paper?"),
        [MaxLength(WHO_LENGTH)],
        description=_l("Not needed if the teller read it alone."),
    )
    teach_back = TextAreaField(
        _l("In the teller’s own words: who will be able to read this story?"),
        [MaxLength(limits.SHORT)],
        description=_l("One sentence is enough. It shows that what was explained has arrived."),
    )

    def answers(self) -> dict[Purpose, bool]:
        """Yes or no for each purpose that was asked."""
        return {purpose: bool(self[purpose.value].data) for purpose in PURPOSES if purpose.value in self}

    def asked(self) -> consent.Circumstances:
        """How the teller was asked, with what was written down."""
        sentence, who = prose.plain(self.teach_back.data or ""), prose.plain(self.asked_by.data or "")
        evidence = "\n".join(part for part in (f"“{sentence}”" if sentence else "", who) if part)
        return consent.Circumstances(language=self.language.data, method=Method(self.method.data), evidence=evidence)

    def validate_asked_by(self, field: StringField) -> None:
        """Somebody else who took part is named."""
        if self.method.data not in {None, Method.SELF.value} and not prose.plain(field.data or ""):
            raise ValidationError(_l("Please say who. The name is kept with the record and is not shown to readers."))


class FirstConsentForm(ConsentForm):
    """The same, asked before a story is sent for the first time: here a yes to publish is needed."""

    teach_back = TextAreaField(
        ConsentForm.teach_back.args[0],
        [VisibleTextRequired(_l("Please write one sentence, in any language.")), MaxLength(limits.SHORT)],
        description=ConsentForm.teach_back.kwargs["description"],
    )

    def validate_publish(self, field: BooleanField) -> None:
        """Without it there is nothing to send."""
        if not field.data:
            raise ValidationError(
                _l("Without this yes the story cannot be sent. It can stay a draft for as long as you like.")
            )

    def validate_name(self, field: BooleanField) -> None:
        """Words that show a name need a yes to it."""
        if not field.data:
            raise ValidationError(
                _l("The story shows a name. Say yes to it here, or go back to the words and choose to stay anonymous.")
            )


class SendForm(Form):
    """Sending words once more, when everything was agreed to before."""

    revision_id = HiddenField()


class ConfirmForm(Form):
    """The teller's yes to the words they were shown."""

    revision_id = HiddenField()


class WithdrawalForm(AsksPassword):
    """How far a story is withdrawn, and what its address says afterwards."""

    def needs_fresh_sign_in(self) -> bool:
        """Hiding never waits for a password; words that are destroyed do."""
        return bool(self.scope.data == Scope.DELETE.value)

    scope = RadioField(
        _l("What should happen?"),
        choices=[
            SelectChoice(Scope.HIDE.value, _l("Hide it: nobody can read it, but its words stay with us")),
            SelectChoice(Scope.DELETE.value, _l("Delete it: its words are destroyed and cannot be brought back")),
        ],
    )
    tombstone = TextAreaField(
        _l("What should stand at its address?"),
        [MaxLength(limits.SHORT)],
        description=_l(
            "For example: “Taken down by its teller.” If you leave it empty, the address is simply not found."
        ),
    )


def without_name(form: ConsentForm, story: Story) -> ConsentForm:
    """The form without the question about a name, where the words show none."""
    if not story.own_revision.shown_name:
        del form.name
    return form
