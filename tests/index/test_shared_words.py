"""What two texts share, in words that a reader knows as words."""

from __future__ import annotations

import pytest

from index.shared_words import shared_words


@pytest.mark.parametrize(
    ("forms", "own", "other", "both"),
    [
        (["cannery", "list"], "The cannery had a list.", "CANNERY workers listen.", ["cannery"]),
        (["organising"], "We were organising.", "They organised.", ["organising"]),
        (["of"], "A cup of tea.", "A cup of tea.", []),
        (["người"], "Người đi chợ.", "Một người đi qua cầu.", ["người"]),
        (["图书", "书馆"], "社区图书馆的灯亮着。", "他们去了图書館。", ["图书馆", "图书馆"]),
        (["在图"], "我在图书馆。", "她在图。", []),
        (["할머", "니는"], "할머니는 김치를 담갔다.", "할머니를 만났다. 어머니는 왔다.", ["할머니"]),
        (["កីឡា"], "កីឡាករលេង។", "ក្រុមកីឡាករ។", ["កីឡាករ"]),
        (["កាន"], "នៅទីកាន។", "កានអី។", []),
        (["ចាប់"], "គាត់ត្រូវបានចាប់ខ្លួនហើយ។", "នាងបានចាប់ខ្លួនគេ។", ["ចាប់ខ្លួន"]),
        (["ងកា"], "ចាប់តាំងការពារ។", "កម្លាំងការងារ។", []),
        (["ការ"], "ធ្វើការប្រកួត។", "មានការប្រជុំ។", []),
        (["កម្ម"], "ពួក កម្មករធ្វើ។", "កម្មករ ជា", ["កម្មករ"]),
        (["کشتی"], "کشتی پانی میں", "ایک کشتی تھی۔", ["کشتی"]),
    ],
)
def test_words_are_shared_whole(forms: list[str], own: str, other: str, both: list[str]) -> None:
    assert list(shared_words(forms, own, other)) == both


@pytest.mark.parametrize("text", ["", "\ud800", "(((", "a" * 10_000, "图" * 5_000, "[.*"])
def test_any_text_can_be_compared(text: str) -> None:
    assert list(shared_words([text[:2], "图书"], text, text)) in ([], [text[:2]], [text[:6]])
