"""The languages of the site: their tags (BCP 47), own names, direction, and how they fold in lists."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """A language as people meet it: `tag` in addresses, `name` in itself, `dir` as HTML says it."""

    tag: str
    name: str
    dir: str = "ltr"


STORY_LANGUAGES: dict[str, Language] = {
    language.tag: language
    for language in (
        Language("bn", "বাংলা"),
        Language("en", "English"),
        Language("hi", "हिन्दी"),
        Language("km", "ភាសាខ្មែរ"),
        Language("ko", "한국어"),
        Language("tl", "Tagalog"),
        Language("ur", "اردو", "rtl"),
        Language("vi", "Tiếng Việt"),
        Language("zh", "中文"),
        Language("zh-Hans", "简体中文"),
        Language("zh-Hant", "繁體中文"),
    )
}

INTERFACE_LANGUAGES = tuple(tag for tag in STORY_LANGUAGES if tag != "zh")

FACETS = ("bn", "en", "hi", "km", "ko", "tl", "ur", "vi", "zh")


def folded(tag: str) -> str:
    """The tag that lists and facets count a language under: both scripts of Chinese are `zh` there."""
    return tag.partition("-")[0]


def family(tag: str) -> tuple[str, ...]:
    """All story languages that fold into the same facet as `tag`."""
    return tuple(other for other in STORY_LANGUAGES if folded(other) == folded(tag))


def interface_tag(tag: str) -> str:
    """The interface language in which a story of language `tag` has its canonical address."""
    return "zh-Hans" if tag == "zh" else tag
