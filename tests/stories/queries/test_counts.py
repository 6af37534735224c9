"""The numbers beside the choices of a list of stories."""

from __future__ import annotations

import factories as make
from sqlalchemy.orm import Session

from stories.queries import StoryFilter, counts


def test_each_count_obeys_every_choice_but_its_own(session: Session) -> None:
    labour, home = make.theme(session, "Labour", "labour"), make.theme(session, "Home", "home")
    harbor, river = make.organisation(session, "Harbor", "harbor"), make.organisation(session, "River", "river")
    make.published(session, language="en", themes=(labour, home), organisation=harbor)
    make.published(session, language="en", themes=(labour,), organisation=river)
    make.published(session, language="zh-Hans", themes=(home,), organisation=harbor)
    make.published(session, language="zh-Hant", themes=(home,))

    wanted = StoryFilter(theme="home", language="en", organisation="harbor")

    assert counts.by_language(session, wanted) == {"en": 1, "zh": 1}
    assert counts.by_theme(session, wanted, "en") == [(home, 1), (labour, 1)]
    assert counts.by_organisation(session, wanted, "en") == [(harbor, 1)]
    assert counts.by_language(session, StoryFilter()) == {"en": 2, "zh": 2}
    assert counts.by_theme(session, StoryFilter(), "en") == [(home, 3), (labour, 2)]
    assert counts.by_organisation(session, StoryFilter(), "en") == [(harbor, 2), (river, 1)]


def test_what_is_not_public_is_not_counted(session: Session) -> None:
    labour = make.theme(session, "Labour", "labour")
    make.draft(session, themes=(labour,))

    assert counts.by_language(session, StoryFilter()) == {}
    assert counts.by_theme(session, StoryFilter(), "en") == []
    assert counts.by_organisation(session, StoryFilter(), "en") == []


def test_themes_and_organisations_are_found_by_their_addresses(session: Session) -> None:
    labour = make.theme(session, "Labour", "labour")
    harbor = make.organisation(session, "Harbor", "harbor")

    assert counts.themes_at(session, ["labour", "nowhere"]) == {"labour": labour}
    assert counts.organisations_at(session, ["harbor"]) == {"harbor": harbor}
    assert counts.themes_at(session, []) == {}
