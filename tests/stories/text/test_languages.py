import pytest

from stories.text import languages


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((tag, tag) for tag in languages.STORY_LANGUAGES),
        *((tag.upper(), tag) for tag in languages.STORY_LANGUAGES),
        *((tag.replace("-", "_"), tag) for tag in languages.STORY_LANGUAGES),
        ("EN", "en"), ("eng", "en"), ("en-US", "en"), ("en_GB", "en"), ("en-x-ours", "en"), (" en ", "en"),
        ("ben", "bn"), ("bn-BD", "bn"), ("hin", "hi"), ("hi_IN", "hi"), ("khm", "km"), ("kor", "ko"), ("ko-KR", "ko"),
        ("fil", "tl"), ("fil-PH", "tl"), ("tgl", "tl"), ("urd", "ur"), ("ur-PK", "ur"), ("vie", "vi"), ("vi-VN", "vi"),
        ("zh-TW", "zh-Hant"), ("zh_tw", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-MO", "zh-Hant"), ("yue-HK", "zh-Hant"),
        ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-MY", "zh-Hans"), ("yue-CN", "zh-Hans"),
        ("cmn-Hans", "zh-Hans"),
        ("zh-Hant-HK", "zh-Hant"), ("zh-Hans-HK", "zh-Hans"), ("zh-hans-tw", "zh-Hans"), ("zh-hant-CN", "zh-Hant"),
        ("zho", "zh"), ("chi", "zh"), ("cmn", "zh"), ("zh-US", "zh"),
    ],
)  # fmt: skip
def test_a_tag_from_outside_means_one_of_our_languages(tag: str, language: str) -> None:
    assert languages.match(tag) == language


@pytest.mark.parametrize(
    "tag", ["", " ", "*", "-", "in", "id", "es", "fr-CH", "pa-PK", "english", "zhx", "x-en", "en.us", "é"]
)
def test_a_tag_of_another_language_means_none(tag: str) -> None:
    assert languages.match(tag) is None
