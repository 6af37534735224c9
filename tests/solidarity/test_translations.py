"""The Urdu interface is whole: every string is in the catalogue and translated, and no page falls back to English."""

from __future__ import annotations

import ast
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import factories as make
import pytest
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from pages import account, sign_in
from sqlalchemy.orm import Session

from solidarity.search_engine import catch_up
from solidarity.web.filters import day_and_time, join_list
from stories import editorial, guides
from stories.guides import GuidePlan, PhasePlan, PromptPlan, StepPlan
from stories.models import Guide, Naming, Person, Role, Story
from stories.models.guides import Depth, Grouping
from stories.text.languages import STORY_LANGUAGES
from stories.workflow import State

SOLIDARITY = Path(__file__).parent.parent.parent / "solidarity"
CATALOGUE = SOLIDARITY / "translations" / "ur" / "LC_MESSAGES" / "messages.po"
STALE = "The catalogue is out of date: run bin/words, then translate what is empty (docs/translating.md)."
TRANSLATED_BY = {"_", "_l", "_n", "gettext", "ngettext", "lazy_gettext", "pgettext"}
UNSEEN = {State.DRAFT, State.WITHDRAWN}  # by moderators
LATIN_IN_URDU = {"UTC", "name", "example", "org", "https"}  # a zone, an address and a site given as examples


@pytest.fixture(scope="module")
def urdu() -> Catalog:
    return _read(CATALOGUE)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _entries(catalogue: Catalog) -> list[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    """Every entry with its English and its Urdu forms (one, or two where it counts something)."""
    return [(entry, _forms(entry.id), _forms(entry.string)) for entry in catalogue if entry.id]


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _placeholders(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)s", text))


def test_the_catalogue_holds_exactly_the_strings_of_the_code(
    urdu: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tmp_path / "messages.pot"
    monkeypatch.chdir(SOLIDARITY)
    CommandLineInterface().run(  # type: ignore[no-untyped-call]
        ["pybabel", "--quiet", "extract", "--mapping", "translations/babel.cfg", "--keywords", "_l _n:1,2",
         "--output", str(found), ".", "../templates"]
    )  # fmt: skip

    def strings(catalogue: Catalog) -> set[tuple[str, ...]]:
        return {english for _entry, english, _translation in _entries(catalogue)}

    in_code, in_catalogue = strings(_read(found)), strings(urdu)
    assert (in_code - in_catalogue, in_catalogue - in_code) == (set(), set()), STALE
    assert list(urdu.obsolete) == [], STALE


def test_no_string_is_translated_inside_another_where_it_would_not_be_found() -> None:
    """Before Python 3.12 the parts of an f-string are no tokens, so what is called there is not collected."""
    inside = [
        f"{path.relative_to(SOLIDARITY)}:{call.lineno}"
        for path in SOLIDARITY.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TRANSLATED_BY
    ]

    assert inside == []


def test_every_string_has_its_urdu(urdu: Catalog) -> None:
    missing = [english[0] for entry, english, forms in _entries(urdu) if entry.fuzzy or not all(forms)]

    assert missing == [], STALE


def test_urdu_keeps_every_placeholder(urdu: Catalog) -> None:
    different = [
        (english, translated)
        for _entry, forms, translations in _entries(urdu)
        for english, translated in zip(forms, translations, strict=True)
        if _placeholders(english) != _placeholders(translated)
    ]

    assert different == []


def test_urdu_is_written_in_urdu(urdu: Catalog) -> None:
    latin = {
        translated: sorted(words)
        for _entry, _english, translations in _entries(urdu)
        for translated in translations
        if (words := set(re.findall(r"[A-Za-z]+", re.sub(r"%\(\w+\)s", "", translated))) - LATIN_IN_URDU)
    }

    assert latin == {}


def test_urdu_has_its_own_punctuation(urdu: Catalog) -> None:
    said = [translated for _entry, _english, translations in _entries(urdu) for translated in translations]
    foreign = [text for text in said if re.search('[,;?"]', text)]

    assert foreign == []


def test_a_time_beside_urdu_is_isolated_so_that_its_figures_keep_their_place(app: Flask) -> None:
    with app.test_request_context("/ur/"), force_locale("ur"):
        assert day_and_time(make.NOW) == "22 نومبر، 2026 \u206609:00 UTC\u2069"


def test_a_list_has_the_comma_of_its_language_and_every_name_its_own_direction(app: Flask) -> None:
    with app.test_request_context("/ur/"), force_locale("ur"):
        assert join_list(["اردو", "English <b>"]) == "<bdi>اردو</bdi>، <bdi>English &lt;b&gt;</bdi>"


class EnglishIn(HTMLParser):
    """Collects the Latin words in what a page of the interface says, in text and in labels.

    What people wrote (`user-text`, `bdi`) and what is marked as another language is left out.
    """

    VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
    LABELS = ("aria-label", "title", "placeholder", "alt")
    SILENT = frozenset({"script", "style", "code", "bdi", "textarea"})

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._names = names
        self._open: list[bool] = []  # for each open element: is it left out?

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        theirs = tag in self.SILENT or "user-text" in (given.get("class") or "").split()
        left_out = any(self._open[-1:]) or theirs or (given.get("lang") or "ur") != "ur"
        if not left_out:
            for label in self.LABELS:
                self._note(given.get(label) or "")
        if tag not in self.VOID:
            self._open.append(left_out)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open[-1:]):
            self._note(data)

    def _note(self, text: str) -> None:
        for name in self._names:
            text = text.replace(name, "")
        said = re.sub(r"\S*[@/]\S*", "", text)  # addresses
        self.words += [word for word in re.findall(r"[A-Za-z]+", said) if word != "UTC"]


def english_on(client: FlaskClient, app: Flask, addresses: dict[str, int]) -> dict[str, list[str]]:
    """The English of each page at `addresses`, which must answer with the status given, and in Urdu."""
    names = [app.config["SETTINGS"].site_name, *(language.name for language in STORY_LANGUAGES.values())]
    leaks = {}
    for address, status in addresses.items():
        answer = client.get(address)
        assert (address, answer.status_code) == (address, status)
        page = EnglishIn(*names)
        page.feed(answer.get_data(as_text=True))
        if page.words:
            leaks[address] = page.words
    return leaks


class World:
    """A site on which everything that people wrote is in Urdu, so that whatever is in English is the site's own."""

    def __init__(self, site: Session) -> None:
        self.site = site
        self.theme = make.theme(site, "محنت", "labour")
        self.organisation = make.organisation(site, "بندرگاہ کی روشنی", "harbor")
        self.everything = make.person(site, *Role, name="زینب")
        self.other = make.person(site, *Role, name="احمد")

    def story(self, state: State, by: Person, moderator: Person) -> Story:
        """A story brought to `state`; what waits for its teller has other words, another name and fewer places."""
        words: dict[str, Any] = {
            "title": "پانی جو ہم نے اٹھایا", "teller_name": "سلمیٰ", "introduction": "ایک گلی کی کہانی۔",
            "typed": "ہم پانی مل کر اوپر لائے۔\n\nکسی نے نہیں پوچھا کس کی باری ہے۔",
            "content_note": "بچھڑنے کا ذکر ہے۔",
        }  # fmt: skip
        belongs: dict[str, Any] = {"language": "ur", "themes": (self.theme,), "organisation": self.organisation}
        start = State.IN_REVIEW if state is State.AWAITING_TELLER else state
        story = make.story_in(self.site, start, by=by, moderator=moderator, **words, **belongs)
        if state is State.AWAITING_TELLER:
            seen, amended = story.newest_revision.id, make.words(**words, teller_naming=Naming.CHOSEN_NAME)
            revision = editorial.amend(story, amended, by=moderator, at=make.NOW, revision_id=seen)
            editorial.ask_teller(story, by=moderator, at=make.NOW, revision_id=revision.id)
        return story

    def guide(self, public: bool) -> Guide:
        prompts = tuple(PromptPlan("کون وہاں تھا؟", depth) for depth in Depth)
        steps = tuple(StepPlan("بات کریں", 20, grouping, "باری باری۔", "سنیں۔", prompts) for grouping in Grouping)
        plan = GuidePlan(
            title="ایک گھنٹہ", language="ur", help_note="آہستہ چلیں۔", phases=(PhasePlan("گفتگو", "سب مل کر۔", steps),),
            audiences=("teachers", "students", "facilitators", "non-profits"), themes=(self.theme,),
        )  # fmt: skip
        guide = guides.draft(self.site, plan, by=self.everything, at=make.NOW)
        if public:
            guides.publish(guide, by=self.everything, at=make.NOW)
        return guide


@pytest.fixture
def world(site: Session) -> World:
    return World(site)


def test_no_public_page_in_urdu_says_anything_in_english(app: Flask, client: FlaskClient, world: World) -> None:
    empty = {"/ur/": 200, "/ur/stories": 200, "/ur/themes": 200, "/ur/organisations": 200, "/ur/guides": 200}
    leaks = {"nothing published yet": english_on(client, app, empty)}
    story, guide = world.story(State.PUBLISHED, world.other, world.everything), world.guide(public=True)
    world.site.commit()
    catch_up()
    pages = dict.fromkeys(
        [
            "/ur/", "/ur/stories", f"/ur/stories/{story.slug}", "/ur/themes", "/ur/themes/labour",
            "/ur/organisations", "/ur/organisations/harbor", "/ur/search", "/ur/search?q=پانی",
            "/ur/search?q=پانی+سمندر", "/ur/search?q=زعفران", "/ur/search?q=پانی&lang=ur",
            "/ur/guides", "/ur/guides?minutes=5", f"/ur/guides/{guide.slug}", f"/ur/guides/{guide.slug}/sheet",
            "/ur/how-to-use", "/ur/about", "/ur/privacy", "/ur/account/sign-in", "/ur/account/password",
        ],
        200,
    )  # fmt: skip
    leaks["published"] = english_on(client, app, pages | {"/ur/nowhere": 404, "/ur/stories/nowhere": 404})

    assert leaks == {"nothing published yet": {}, "published": {}}


def test_no_desk_in_urdu_says_anything_in_english(app: Flask, client: FlaskClient, world: World) -> None:
    mine = [world.story(state, world.everything, world.other) for state in State]
    theirs = [world.story(state, world.other, world.everything) for state in State]
    drafted, guide = world.guide(public=False), world.guide(public=True)
    owner = account(world.site, world.everything)
    world.site.commit()
    catch_up()
    sign_in(client, owner)
    pages = dict.fromkeys(_desks(mine, theirs, (drafted, guide), owner.id), 200)

    assert english_on(client, app, pages) == {}


def test_a_form_that_comes_back_names_its_fields_in_urdu(app: Flask, client: FlaskClient, world: World) -> None:
    owner = account(world.site, world.everything)
    world.site.commit()
    sign_in(client, owner)
    long = "ہم پانی مل کر اوپر لائے۔ " * 4
    fields = ("about", "agreements", "help_note", "credits", "phases-0-steps-1-instruction", "phases-0-steps-1-tip")

    answer = client.post("/ur/my/guides/new", data=dict.fromkeys(fields, long))
    page = EnglishIn(app.config["SETTINGS"].site_name, "English")
    page.feed(answer.get_data(as_text=True))

    assert (answer.status_code, answer.text.count("<textarea"), page.words) == (400, len(fields), [])


def _desks(mine: list[Story], theirs: list[Story], written: tuple[Guide, Guide], account_id: int) -> list[str]:
    draft, published = mine[list(State).index(State.DRAFT)], theirs[list(State).index(State.PUBLISHED)]
    asked = mine[list(State).index(State.AWAITING_TELLER)]
    return [
        "/ur/my/stories", "/ur/my/stories/new", *(f"/ur/my/stories/{story.id}" for story in mine),
        *(f"/ur/my/stories/{draft.id}/{page}" for page in ("words", "consent", "preview", "submission", "withdrawal")),
        f"/ur/my/stories/{asked.id}/confirmation",
        "/ur/moderating", "/ur/moderating/steps", "/ur/moderating/stories",
        *(f"/ur/moderating/stories/{story.id}" for story in theirs if story.submissions[-1].state not in UNSEEN),
        f"/ur/moderating/stories/{published.id}/correction",
        "/ur/my/guides", "/ur/my/guides/new",
        *(f"/ur/my/guides/{guide.id}{page}" for guide in written for page in ("", "/wording")),
        "/ur/stewarding/people", f"/ur/stewarding/people/{account_id}",
        *(f"/ur/stewarding/{kind}{page}" for kind in ("themes", "organisations") for page in ("", "/new")),
        "/ur/stewarding/letters", "/ur/stewarding/themes/labour", "/ur/stewarding/organisations/harbor",
    ]  # fmt: skip
