"""What this house agreed on, held by a test where no linter can: see CONTRIBUTING.md."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = [ROOT / name for name in ("stories", "index", "solidarity")]
CODE = [path for package in PACKAGES for path in package.rglob("*.py")]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))
LONGEST = 400


def _offenders(paths: list[Path], pattern: str) -> list[str]:
    wanted = re.compile(pattern, re.MULTILINE)
    return sorted(str(path.relative_to(ROOT)) for path in paths if wanted.search(path.read_text(encoding="utf-8")))


def test_no_module_is_too_long_to_read() -> None:
    long = [str(path.relative_to(ROOT)) for path in CODE if len(path.read_text().splitlines()) > LONGEST]

    assert long == []


def test_only_one_place_commits() -> None:
    assert _offenders(CODE, r"\bsession\.commit\(\)") == ["solidarity/web/db.py"]


def test_the_clock_is_read_in_one_place() -> None:
    assert _offenders(CODE, r"datetime\.now\(") == ["solidarity/web/clock.py"]


def test_only_the_steps_assign_a_state() -> None:
    assigned = r"\.(state|visibility) = (?!=)"

    assert _offenders(CODE, assigned) in (["stories/editorial.py", "stories/steps.py"], ["stories/steps.py"])


def test_no_list_of_names_is_put_in_order_by_the_database() -> None:
    """Each database has an order of its own; `stories.text.collation` has that of the reader."""
    assert _offenders(CODE, r"order_by[=(][^)\n]*\.(name|title)\b") == []


def test_no_template_trusts_text_or_carries_style_or_script() -> None:
    letter = ROOT / "templates" / "letters" / "letter.html"  # mail programs know no style but the inline one
    assert _offenders([letter], r"\|\s*safe\b|<style|\son\w+=|<script") == []
    assert (
        _offenders(
            [path for path in TEMPLATES if path != letter],
            r"\|\s*safe\b|<style|\sstyle=|\son(click|load|error|submit|change|input|focus|blur|key|mouse)\w*=|<script(?![^>]*\ssrc=)",
        )
        == []
    )


def test_no_word_is_cut_by_a_pattern_that_takes_marks_for_gaps() -> None:
    """`\\w` of `re` ends a Hindi word at its first vowel sign: say what a word is with `stories.text.words`."""
    elsewhere = [path for path in [*CODE, *TEMPLATES] if ROOT / "index" / "analysis" not in path.parents]

    assert _offenders(elsewhere, r"\\[wW](?![a-z])") == []


def test_html_is_allowed_in_one_place() -> None:
    assert _offenders(CODE, r"[\"']mailto[\"']|[\"']colspan[\"']") == ["stories/text/allowed_html.py"]


def test_every_template_is_used() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in [*CODE, *TEMPLATES])
    letters = list((ROOT / "templates").rglob("*.txt"))
    unused = []
    for path in [*TEMPLATES, *letters]:
        name = path.relative_to(ROOT / "templates").as_posix()
        if name not in everything and Path(name).stem not in everything:
            unused.append(name)

    assert unused == []


def test_the_words_never_used_for_a_module_are_not_used() -> None:
    names = {path.stem for path in CODE}

    assert names & {"utils", "helpers", "service", "services", "manager", "misc"} == set()


def test_every_setting_is_in_the_example() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    config = (ROOT / "solidarity" / "config.py").read_text()
    read = set(re.findall(r'env(?:\.get\(|, )"([A-Z_]+)"', config))

    assert example == read


def test_no_committed_file_names_a_registry() -> None:
    locks = list((ROOT / "requirements").glob("*.*"))

    assert _offenders(locks, r"https?://|--index-url|--find-links (?!wheels$)") == []


def test_every_test_and_file_that_the_security_table_names_is_there() -> None:
    text = (ROOT / "docs" / "decisions" / "security.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tests = {name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in code}
    files = {name for name in re.findall(r"`((?:\w[\w.-]*/)+[\w.-]*)`", text) if not (ROOT / name).exists()}

    assert (tests, files - {"instance/security-log.json"}) == (set(), set())
