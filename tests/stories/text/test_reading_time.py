"""How long a text takes to read, in every script."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from conftest import shared

from stories.text.reading_time import reading_minutes


@pytest.mark.parametrize(
    "word", ["word", "हिन्दी", "ক্ষমা", "کہانی", "nghĩa", "don't", "क्‍ष", "이야기", "kuwento"]
)  # fmt: skip
def test_two_thousand_words_are_ten_minutes(word: str) -> None:
    assert reading_minutes(f"{word} " * 2_000) == 10


@pytest.mark.parametrize(
    ("text", "minutes"), [("我" * 900, 3), ("ក" * 1200, 2), ("ひ" * 600, 2), ("", 1), ("—…!" * 999, 1)]
)
def test_scripts_without_spaces_are_counted_by_their_signs(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes


@pytest.mark.parametrize("language", ["bn", "en", "hi", "km", "ko", "tl", "ur", "vi", "zh"])
def test_real_stories_take_a_sensible_time(language: str) -> None:
    """Between 350 and 1,700 characters a minute, whatever the script; Chinese packs a word into one or two."""
    with shared("stories", f"{language}.jsonl").open("rb") as lines:
        text = "\n".join(json.loads(line)["body"] for line in islice(lines, 60))
    least, most = (250, 500) if language == "zh" else (350, 1_700)

    assert least < len(text) / reading_minutes(text) < most
