"""How words become terms."""

from __future__ import annotations

import unicodedata

import pytest

from index.analysis.analyzer import Token, normalize, query_words, title_keys, tokens
from index.query import plain_term


def terms(text: str, language: str = "") -> list[str]:
    return [token.term for token in tokens(normalize(text), language)]


def asked(text: str) -> list[str]:
    return [plain_term(word) for word in query_words(normalize(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stories", ["stori", "=stories"]),
        ("garden", ["garden"]),
        ("the women’s", ["the", "women", "=womens"]),
        ("Người", ["nguoi", "=người"]),
        ("ĐỒNG", ["dong", "=đồng"]),
        ("कहानियाँ", ["कहान", "=कहानियाँ", "~khninI"]),
        ("图书馆", ["图", "图书", "~tushuM", "书", "书馆", "~shuguanM", "馆"]),
        ("ភាសា", ["ភា", "ភាសា", "សា"]),
        ("이야기에서는", ["이야기", "=이야기에서는", "~iakiK", "이야", "야기", "기에", "에서", "서는"]),
        ("집에", ["집에", "집", "~cipeK"]),
    ],
)
def test_the_terms_of_a_word(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Stories", "STORY"),
        ("won't", "won’t"),
        ("Aditi's", "Aditi"),
        ("Người Việt", "nguoi viet"),
        ("đường", "duong"),
        ("nang̃untîng", "nangunting"),
        ("हिन्दी", "हिंदी"),
        ("ज़मीन", "जमीन"),
        ("चाँद", "चांद"),
        ("लड़कों", "लड़का"),
        ("बच्चियाँ", "बच्ची"),
        ("বাড়ী", "বাড়ি"),
        ("গল্পগুলোর", "গল্প"),
        ("চাঁদ", "চাদ"),
        ("বাঙ্গালি", "বাংগালি"),
        ("كتاب", "کتاب"),
        ("ہے", "هے"),
        ("اُردو", "اردو"),
        ("لڑکیوں", "لڑکی"),
        ("圖書館", "图书馆"),
        ("공동체를", "공동체"),
        ("아이들에게", "아이"),
        ("សង្រ្គាម", "សង្គ្រាម"),
        ("ក្តារ", "ក្ដារ"),
        ("របាំ\u200bអប្សរា", "របាំអប្សរា"),
        ("៧២", "72"),
        ("ＡＢＣ１２", "abc12"),
        ("co\u00adoperate", "cooperate"),
    ],
)
def test_two_spellings_of_one_word_share_their_plain_terms(one: str, other: str) -> None:
    assert asked(one) == asked(other)


@pytest.mark.parametrize("text", ["Người phụ nữ Việt", "ڑکیوں کی آواز", "বাড়ি য়", "हवाई जहाज़ उड़ते", "한국어 이야기"])
def test_composed_and_decomposed_text_have_the_same_terms(text: str) -> None:
    assert terms(unicodedata.normalize("NFD", text)) == terms(unicodedata.normalize("NFC", text))


def test_tokens_say_where_in_the_normalised_text_they_stand() -> None:
    text = normalize("Một 故事, हिन्दी!")
    assert [(token.position, text[token.start : token.end]) for token in tokens(text) if token.term[0] not in "=~"] == [
        (0, "Một"),
        (1, "故"),
        (1, "故事"),
        (2, "事"),
        (3, "हिन्दी"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("nagtuturo", "pagtuturo"), ("tumulong", "tulungan"), ("nagtatrabaho", "trabaho"), ("kababaihan", "babae")],
)
def test_tagalog_words_of_one_root_meet(one: str, other: str) -> None:
    roots = [{term for term in terms(word, "tl") if term.startswith("+")} for word in (one, other)]
    assert roots[0] == roots[1]


def test_stop_words_are_indexed_but_known_as_such_in_a_query() -> None:
    assert "the" in terms("the strike")
    assert [word.is_stop_word for word in query_words("the strike 的 the")] == [True, False, True, True]


def test_a_title_has_the_same_keys_however_it_is_set() -> None:
    assert title_keys("Over the River!") == title_keys("OVER  the river")
    assert title_keys("Sa tabi ng bang̃in")[0] == title_keys("sa tabi ng bangin")[0]
    assert title_keys("Sa tabi ng bang̃in")[1] != title_keys("sa tabi ng bangin")[1]


def test_lone_surrogates_become_a_replacement_sign() -> None:
    assert normalize("a\ud800b") == "a\ufffdb"


def test_a_very_long_word_is_cut() -> None:
    assert list(tokens("x" * 10_000)) == [Token("x" * 64, 0, 0, 10_000)]


def test_every_character_on_its_own_makes_whole_terms_or_none() -> None:
    for sign in map(chr, range(0x3100)):
        assert all(token.term for token in tokens(normalize(sign))), hex(ord(sign))
        assert all(plain_term(word) for word in query_words(normalize(sign))), hex(ord(sign))
