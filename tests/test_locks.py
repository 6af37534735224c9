"""The lock files pin everything that is installed, extras included, so that newer releases change nothing."""

from __future__ import annotations

import importlib.metadata
import re

import locks
import pytest
from locks import LOCKS, every_environment, load, unpinned


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_pins_one_version_and_its_files(lock: str) -> None:
    pins = load(lock)

    assert len(pins) > 40
    assert [pin.line for pin in pins if not pin.version or not pin.hashes] == []
    assert {text for pin in pins for text in pin.hashes if not re.fullmatch("sha256:[0-9a-f]{64}", text)} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_its_extras(lock: str) -> None:
    missing = {sentence for there in every_environment() for sentence in unpinned(load(lock), there)}

    assert missing == set()


def test_the_test_lock_is_what_is_installed() -> None:
    pins = locks.pins_in(load("test"), {}).values()

    assert {pin.name: importlib.metadata.version(pin.name) for pin in pins} == {pin.name: pin.version for pin in pins}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("coverage[toml]", "pytest-cov asks for coverage[toml]>=7.10.6, which is not pinned"),
        ("flask[async]", "flask-sqlalchemy-lite asks for flask[async]>=3.0.0, which is not pinned"),
        ("sqlalchemy", "sqlalchemy[asyncio] asks for sqlalchemy, which is not pinned"),
        ("blinker", "flask asks for blinker>=1.9.0, which is not pinned"),
    ],
)
def test_a_lock_that_lacks_a_line_is_told(line: str, sentence: str) -> None:
    pins = [pin for pin in load("test") if not pin.line.startswith(f"{line}==")]

    assert sentence in list(unpinned(pins, locks.environment("3.11", "linux", "x86_64")))


def test_the_three_locks_agree() -> None:
    run, *others = (load(lock) for lock in LOCKS)

    for other in others:
        assert {pin.line for pin in run} <= {pin.line for pin in other}
