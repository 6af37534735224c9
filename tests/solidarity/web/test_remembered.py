"""What follows from the state of the site is worked out once for each state."""

from __future__ import annotations

import factories as make
from flask import Flask
from sqlalchemy.orm import Session

from solidarity.web import remembered as module
from solidarity.web.remembered import Memory, remembered


def counted(memory: Memory, state: int, key: str = "a") -> int:
    """How often the value of a key is worked out, asked for twice."""
    made: list[int] = []
    for _ in range(2):
        memory.get(state, key, lambda: made.append(1))
    return len(made)


def test_a_value_is_worked_out_once_for_a_state_and_anew_in_the_next() -> None:
    memory = Memory()
    assert [counted(memory, state) for state in (1, 1, 2)] == [1, 0, 1]


def test_what_an_older_state_asks_for_is_worked_out_and_not_kept() -> None:
    memory = Memory()
    assert (counted(memory, 2), counted(memory, 1), counted(memory, 2)) == (1, 2, 0)


def test_what_is_kept_is_bounded() -> None:
    memory = Memory()
    for number in range(module.MOST + 5):
        memory.get(1, number, lambda: 0)

    assert counted(memory, 1, "one more") == 2


def test_a_request_after_a_change_sees_it(app: Flask, site: Session) -> None:
    def total() -> int:
        with app.app_context():
            return remembered("total", lambda: len(made))

    made: list[int] = []
    assert total() == 0
    made.append(1)
    assert total() == 0, "nothing public has changed"
    make.published(site)
    site.commit()
    assert total() == 1


def test_each_site_remembers_for_itself(app: Flask) -> None:
    other = Flask("other")
    module.init_app(other)
    assert other.extensions["remembered"] is not app.extensions["remembered"]
