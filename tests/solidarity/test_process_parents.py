"""A process that the supervisor started notices that its parent is gone, however early that happened."""

from __future__ import annotations

import os

import pytest

from solidarity.process_parents import SUPERVISOR, Parents


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv(SUPERVISOR, str(os.getpid()))
    return monkeypatch


def test_a_parent_that_lives_is_there(supervised: pytest.MonkeyPatch) -> None:
    assert Parents().are_there


def test_a_parent_that_ended_afterwards_is_missed(supervised: pytest.MonkeyPatch) -> None:
    parents = Parents()
    supervised.setattr(os, "getppid", lambda: 1)

    assert not parents.parent_is_there


def test_a_parent_that_ended_before_the_first_look_is_missed_too(supervised: pytest.MonkeyPatch) -> None:
    supervised.setattr(os, "getppid", lambda: 1)

    assert not Parents().parent_is_there


def test_a_supervisor_may_be_the_first_process_of_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SUPERVISOR, "1")
    monkeypatch.setattr(os, "getppid", lambda: 1)

    assert Parents().are_there
