"""The languages of the site: their tags (BCP 47), own names, direction, other names, and how they fold in lists."""

from __future__ import annotations

import re
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

# Other codes for these languages, of ISO 639-2 and 639-3. `in` is none of ours: it was Indonesian.
ALIASES = {
    "ben": "bn", "eng": "en", "hin": "hi", "khm": "km", "kor": "ko", "fil": "tl", "tgl": "tl", "urd": "ur", "vie": "vi",
    "chi": "zh", "cmn": "zh", "zho": "zh", "yue": "zh-Hant",
}  # fmt: skip

# The script that a subtag of Chinese says or, for a region, is written there (likelySubtags of Unicode's CLDR).
_CHINESE_SCRIPTS = {
    "hans": "zh-Hans", "hant": "zh-Hant",
    "cn": "zh-Hans", "my": "zh-Hans", "sg": "zh-Hans", "hk": "zh-Hant", "mo": "zh-Hant", "tw": "zh-Hant",
}  # fmt: skip

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


def match(tag: str) -> str | None:
    """The story language that a tag from outside means, or None: `fil-PH` is `tl`, `zh_TW` is `zh-Hant`, `EN` is `en`.

    Subtags are parted by hyphens or underscores, in any case; a script of Chinese counts for more than a region.
    """
    base, *subtags = re.split("[-_]", tag.strip().lower())
    language = ALIASES.get(base, base)
    if folded(language) == "zh":
        scripts = [_CHINESE_SCRIPTS[subtag] for subtag in _CHINESE_SCRIPTS if subtag in subtags]
        return scripts[0] if scripts else language
    return language if language in STORY_LANGUAGES else None


def direction(tag: str) -> str:
    """How a language is written, as HTML says it: ltr or rtl; ltr for one we do not know."""
    return STORY_LANGUAGES[tag].dir if tag in STORY_LANGUAGES else "ltr"
