"""What can go wrong in the domain, named as facts; the website words them for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stories.workflow import Need, Verb


class Refused(Exception):
    """A step or a text was refused. Nothing was changed."""


class NotPermitted(Refused):
    """This person may never take this step on this story."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(f"not permitted: {verb}")
        self.verb = verb


class NotNow(Refused):
    """The step does not begin where the story stands, often because somebody else was faster."""

    def __init__(self, verb: Verb, stage: str) -> None:
        super().__init__(f"cannot {verb} a story that is {stage}")
        self.verb = verb
        self.stage = stage


class Unmet(Refused):
    """Something the step needs is missing."""

    def __init__(self, need: Need) -> None:
        super().__init__(f"missing: {need}")
        self.need = need


class StaleRevision(Refused):
    """The step names a revision that is no longer the newest."""


class TooLong(Refused):
    """A text is longer than its field allows."""

    def __init__(self, field: str, limit: int) -> None:
        super().__init__(f"{field} is longer than {limit} characters")
        self.field = field
        self.limit = limit


class TooMuchMarkup(Refused):
    """A text holds more tags and entities than can be cleaned in reasonable time."""


class TooTangled(TooMuchMarkup):
    """A text's tags are few enough, but so tangled that cleaning them would take too long."""


class TooDeep(Refused):
    """A text nests its tags too deeply."""


class Missing(Refused):
    """A field that must be filled is empty."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is empty")
        self.field = field


class OutOfRange(Refused):
    """A number is smaller or larger than its field allows."""

    def __init__(self, field: str, least: int, most: int) -> None:
        super().__init__(f"{field} is not between {least} and {most}")
        self.field = field
        self.least = least
        self.most = most


class NotAnAddress(Refused):
    """What was given as the address of a story on another site is none."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address[:100]!r} is no address of a story: write https://… or begin with /")


class AddressTaken(Refused):
    """Another story came from this address already."""

    def __init__(self, address: str) -> None:
        super().__init__(f"another story came from the address {address[:100]} already")


class NotFound(Refused):
    """There is no such thing here."""
