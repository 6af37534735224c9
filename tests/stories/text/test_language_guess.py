"""Whether a text looks like another language than the chosen one: rather silent than wrong."""

from __future__ import annotations

import json

import pytest
from conftest import shared

from stories.text.language_guess import looks_unlike

LANGUAGES = ("bn", "en", "hi", "km", "ko", "tl", "ur", "vi", "zh")


def bodies(language: str) -> list[str]:
    with shared("stories", f"{language}.jsonl").open("rb") as lines:
        return [json.loads(line)["body"] for line in lines]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", [200, 20_000])
def test_no_real_story_is_taken_for_another_language(language: str, length: int) -> None:
    assert {looks_unlike(body[:length], language) for body in bodies(language)} == {None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_real_story_under_a_wrong_language_is_noticed(language: str) -> None:
    chosen = "en" if language != "en" else "ur"
    guesses = [looks_unlike(body, chosen) for body in bodies(language)]
    right = [guess for guess in guesses if guess and guess.partition("-")[0] == language]

    assert {guess for guess in guesses if guess} == set(right)
    assert len(right) > 0.95 * len(guesses)


TRADITIONAL = "我們這個國家的人們說話的時候，會對學過的東西發問。門開了，媽媽為爺爺讀書，聽見馬車的聲音。"
SIMPLIFIED = "我们这个国家的人们说话的时候，会对学过的东西发问。门开了，妈妈为爷爷读书，听见马车的声音。"


@pytest.mark.parametrize(
    ("text", "chosen", "guess"),
    [
        (TRADITIONAL, "zh-Hans", "zh-Hant"),
        (SIMPLIFIED, "zh-Hant", "zh-Hans"),
        (SIMPLIFIED, "zh-Hans", None),
        (TRADITIONAL, "zh", None),
        (TRADITIONAL, "en", "zh-Hant"),
        ("ہم نے ساتھ مل کر پانی اٹھایا اور کسی نے نہیں پوچھا کہ باری کس کی ہے۔ ہم ہنستے رہے۔", "en", "ur"),
        ("Short.", "ur", None),
        ("", "en", None),
        ("1974 — 1975 … 2020 !!! 555-0100 " * 9, "en", None),
        ("これは日本語の文章です。ひらがなとカタカナがたくさんあります。漢字もすこしあります。", "en", None),
        ("هذه قصة عن الماء الذي حملناه معا إلى البيت في تلك الليلة الطويلة ولم يسأل أحد", "en", None),
    ],
)
def test_scripts_and_ways_of_writing_are_told_apart(text: str, chosen: str, guess: str | None) -> None:
    assert looks_unlike(text, chosen) == guess
