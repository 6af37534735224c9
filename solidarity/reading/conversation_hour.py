"""How stories are used: ideas for four audiences, and a conversation of one hour around any story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Step:
    """A timed step of the conversation as the agenda shows it."""

    title: Any
    minutes: int
    instruction: Any
    grouping: Any = ""
    prompts: tuple[Any, ...] = ()
    tip: Any = ""


@dataclass(frozen=True)
class Phase:
    """A part of the conversation."""

    title: Any
    note: Any
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Audience:
    """Who uses the stories, and what they might do first."""

    value: str
    title: Any
    text: Any
    ideas: tuple[Any, ...]


AUDIENCES = (
    Audience(
        "students",
        _l("Students"),
        _l("Read one story on your own, then bring it to somebody who might see it differently."),
        (
            _l("Choose a story from a community that is not yours, and one that is."),
            _l("Answer one of its questions in writing before you talk about it."),
            _l("Ask at home which word your family uses for standing together."),
        ),
    ),
    Audience(
        "non-profits",
        _l("Non-profits"),
        _l("Open a staff meeting, a board meeting or a volunteers’ evening with a story in place of a slide."),
        (
            _l("Read the takeaways together and ask which of them your own work keeps."),
            _l("Print the story in each language of the people you serve."),
            _l("Invite one of your own leaders to share a story here."),
        ),
    ),
    Audience(
        "facilitators",
        _l("Facilitators"),
        _l("Hold the one-hour conversation below, or take a guide made for your kind of group."),
        (
            _l("Read the story twice beforehand, and mark one sentence you would like to hear aloud."),
            _l("Agree first on how you will talk; anybody may pass, always."),
            _l("Have a second story ready for anyone who would rather not read the first."),
        ),
    ),
    Audience(
        "teachers",
        _l("Teachers"),
        _l("Use a story as a primary source: somebody was there, and says what they saw."),
        (
            _l("Look at the content note before you choose, and tell families what you will read."),
            _l("Let each student read in the language they read best."),
            _l("End with what a person in the story did, and what your class could do."),
        ),
    ),
)

PREPARE = (
    _l("Choose one story. Look at its reading time, its languages and its content note."),
    _l("Read it twice: once as yourself, once with your guests in mind."),
    _l("Print it, or send its address, in every language of the room. The story’s page lists them."),
    _l("Decide who opens, who keeps the time, and who sits beside a guest who might need company."),
    _l("Have the number of a helpline or a trusted person at hand, in the languages of the room."),
)

HOUR = (
    Phase(
        _l("Introduction"),
        _l("Everyone arrives, is greeted, and knows what will happen."),
        (
            Step(
                _l("Welcome"),
                5,
                _l("Say your name, the name of the story, and how the hour will go. Read the agreements aloud."),
                _l("Everyone"),
                tip=_l("Read the content note now, and say that stepping out needs no reason."),
            ),
        ),
    ),
    Phase(
        _l("Points of entry"),
        _l("A first question that anybody can answer, before anyone has read a line."),
        (
            Step(
                _l("A time somebody stood by you"),
                10,
                _l("Two minutes alone, then in pairs. Nobody has to report what the other said."),
                _l("Pairs"),
                (
                    _l("When did somebody stand beside you who did not have to?"),
                    _l("How did you know that they meant it?"),
                ),
            ),
        ),
    ),
    Phase(
        _l("Reading"),
        _l("The story itself, heard together."),
        (
            Step(
                _l("Read the story aloud"),
                15,
                _l(
                    "Take turns, a paragraph each. Whoever would rather listen says “pass”. End with a minute of quiet."
                ),
                _l("Everyone"),
                tip=_l("In more than one language: read a passage in each, and let the others follow on paper."),
            ),
        ),
    ),
    Phase(
        _l("Discussion"),
        _l("From what happened, to ourselves, to what could be done."),
        (
            Step(
                _l("Talk in small groups"),
                20,
                _l("Three or four people to a group. Use the questions of the story, or these."),
                _l("Small groups"),
                (
                    _l("Which moment stayed with you, and why that one?"),
                    _l("Who took a risk in this story? What did it cost them?"),
                    _l("Where does something like this happen near us now?"),
                ),
                _l("If one voice fills the room, ask to hear from somebody who has not spoken yet."),
            ),
        ),
    ),
    Phase(
        _l("Closing"),
        _l("Nobody leaves with only a heavy heart."),
        (
            Step(
                _l("One word and one step"),
                10,
                _l("Each person says one word they take with them, and one thing they could do this week."),
                _l("Everyone"),
                tip=_l(
                    "Thank the teller by name, as they chose to be named. Stay a few minutes for whoever wants to talk."
                ),
            ),
        ),
    ),
)

AGREEMENTS = (
    _l("We speak for ourselves."),
    _l("Anybody may pass, leave the room, and come back."),
    _l("What is told here stays here; what is learned here may go home with us."),
    _l("Nobody is asked where they were born, how they came, or to prove what they tell."),
)
