from concurrent.futures import ThreadPoolExecutor

import pytest

from stories.models import Theme
from stories.text.collation import alphabetical, by_name, sort_key
from stories.text.languages import STORY_LANGUAGES

MIXED = ["Zenith", "apna ghar", "Áo Dài", "zebra", "Élan", "পাড়া", "گھر", "Echo", "图书馆", "우리집", "ផ្ទះ"]


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        # marks and capitals do not part letters
        ("en", ["Áo Dài", "apna ghar", "Echo", "Élan", "zebra", "Zenith"]),
        # Urdu: پ after ب, ٹ after ت, گ after ک, ے at the end
        ("ur", ["آواز", "بچپن", "پانی", "تعلیم", "ٹرین", "ثقافت", "کام", "گھر", "محنت", "ورثہ", "ہجرت", "یاد"]),
        # Vietnamese: ă and â after a, đ after d, tones last
        ("vi", ["An", "Ăn", "Ân", "Dân", "Đá", "Ma", "Mà", "Mả", "Mã", "Má", "Mạ", "Ở", "Ưu"]),
        # Tagalog: n, ñ and ng are three letters
        ("tl", ["Nanay", "Noon", "Ñandu", "Ngayon", "Oras"]),
        ("bn", ["অধিকার", "আশা", "কাজ", "খাবার", "ঘর", "জল", "ভাষা", "শ্রম", "হাত"]),
        ("hi", ["अधिकार", "आशा", "काम", "खाना", "घर", "पानी", "भाषा", "श्रम"]),
        ("km", ["ការងារ", "ខ្មែរ", "គ្រួសារ", "ផ្ទះ", "ភាសា", "អាហារ"]),
        ("ko", ["가족", "기억", "나라", "노동", "물", "이주", "집", "학교"]),
        # pinyin: bù chén lǐ wáng zhāng
        ("zh-Hans", ["布", "陈", "李", "王", "张"]),
        ("zh", ["布", "陈", "李", "王", "张"]),
        # strokes: 4, 5, 7, 11, 11
        ("zh-Hant", ["王", "布", "李", "張", "陳"]),
        # numbers by their value
        ("en", ["Local 2", "Local 10", "Local 226"]),
    ],
)  # fmt: skip
def test_names_stand_in_the_alphabet_of_the_reader(language: str, ordered: list[str]) -> None:
    assert alphabetical(reversed(ordered), language) == ordered


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "Áo Dài"),
        ("ur", "گھر"),
        ("bn", "পাড়া"),
        ("km", "ផ្ទះ"),
        ("ko", "우리집"),
        ("zh-Hans", "图书馆"),
        ("tl", "Áo Dài"),
    ],
)
def test_the_script_of_the_reader_comes_first_and_others_follow(language: str, first: str) -> None:
    ordered = alphabetical(MIXED, language)

    assert ordered[0] == first
    assert [name for name in ordered if name.isascii() or name[0] in "ÁÉ"] == [
        "Áo Dài", "apna ghar", "Echo", "Élan", "zebra", "Zenith",
    ]  # fmt: skip


def test_the_name_in_the_readers_language_decides() -> None:
    water = Theme(slug="water", name="Water", names={"ur": "پانی", "vi": "Nước"})
    home = Theme(slug="home", name="Home", names={"ur": "گھر", "vi": "Nhà"})
    care = Theme(slug="care", name="Zeal", names={"ur": "بچپن"})
    other = Theme(slug="another-home", name="Home", names={})

    assert by_name([water, care, home, other], "ur") == [care, water, home, other]
    assert by_name([water, care, home, other], "vi") == [other, home, water, care]
    assert by_name([water, care, home, other], "en") == [other, home, water, care]


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "\u200b", "x" * 100_000, "́́́"])
def test_any_text_has_a_place(text: str) -> None:
    assert alphabetical([text, "a"], "en") in ([text, "a"], ["a", text])


def test_threads_sort_alike() -> None:
    def keys(_number: int) -> list[bytes]:
        return [sort_key(name, tag) for tag in STORY_LANGUAGES for name in MIXED]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(keys, range(64)))
    assert all(keys == found[0] for keys in found)
