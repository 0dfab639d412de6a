"""How a command ends: its exit status, and an error as one line."""

from __future__ import annotations

from enum import IntEnum

from langgraph_hitl.errors import (
    AlreadyDecided,
    Claimed,
    HitlError,
    InvalidDecision,
    MissingExtra,
    NotAuthorised,
    RunFailed,
    StaleReview,
)


class Status(IntEnum):
    """The exit statuses of every command of the inbox."""

    DONE = 0
    FAILED = 1
    """The inbox, a graph or a review made it impossible. Nothing was decided."""
    USAGE = 2
    """What was given does not work: an option, a configuration, an answer that does not fit."""
    DECIDED = 3
    """Somebody or the deadline was first, or another version waits by now."""
    NOT_AUTHORISED = 4
    """This person may not decide the review."""
    UNDECIDED = 5
    """Nothing was confirmed, or nothing changed, so nothing was sent."""
    RUN_FAILED = 6
    """The decision stands, but the run that followed it failed."""
    CLAIMED = 7
    """Somebody else is looking at the review."""
    INTERRUPTED = 130


STATUSES = (
    "Exit status: 0 done, 1 error, 2 usage or an answer that does not fit, 3 already decided, too "
    "late or another version waits, 4 not authorised, 5 nothing was sent, 6 decided but the run "
    "that followed failed, 7 somebody else looks at it."
)


class Refusal(Exception):
    """A command cannot go on; the text says what is wrong and what to do, in one line."""

    def __init__(self, text: str, status: Status = Status.USAGE) -> None:
        self.status = status
        super().__init__(text)


class Unusable(Refusal):
    """A graph that nothing can be done with here; no matter where nobody asked for it."""

    def __init__(self, text: str) -> None:
        super().__init__(text, Status.FAILED)


def status_of(error: HitlError | Refusal) -> Status:
    """The exit status that an error stands for."""
    match error:
        case Refusal():
            return error.status
        case AlreadyDecided() | StaleReview():
            return Status.DECIDED
        case Claimed():
            return Status.CLAIMED
        case NotAuthorised():
            return Status.NOT_AUTHORISED
        case RunFailed():
            return Status.RUN_FAILED
        case InvalidDecision() | MissingExtra():
            return Status.USAGE
        case _:
            return Status.FAILED
