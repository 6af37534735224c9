import pytest


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"), ("*", "en"), ("es", "en"), ("é", "en"), (";;;", "en"), ('"ur', "en"),
        # a weight of nothing is a refusal
        ("es, vi;q=0", "en"), ("ur;q=0", "en"), ("hi;q=0, *", "en"), ("fr-CH, fr;q=0.9, *;q=0.5, ur;q=0", "en"),
        ("ur-PK, ur;q=0, ko;q=0.1", "ko"), ("UR;q=0.0, ko;q=0.1", "ko"), ("zh-Hant;q=0, zh-TW, zh;q=0.5", "zh-Hans"),
        # weights decide, not places; what is no weight drops its language
        ("en;q=0.5, ur", "ur"), ("ko;q=0.2, bn;q=0.8, es", "bn"), ("pa-PK, ur;q=0.9", "ur"),
        ("en-US;q=", "en"), ("en-US;q=abc,ko", "ko"),
        # a tag of another kind
        ("fil-PH,fil;q=0.9,en;q=0.8", "tl"), ("EN", "en"), ("ben", "bn"), ("in-ID", "en"),
        ("zh", "zh-Hans"), ("zh-US", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-Hans-HK", "zh-Hans"),
        ("zh-HK", "zh-Hant"), ("zh-TW,zh;q=0.9", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"),
        ("yue-HK, zh-HK;q=0.9", "zh-Hant"),
    ],
)  # fmt: skip
def test_the_front_door_leads_to_the_language_the_browser_asks_for(client, header, locale):
    assert client.get("/", headers={"Accept-Language": header}).location == f"/{locale}/"
