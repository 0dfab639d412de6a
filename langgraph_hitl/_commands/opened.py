"""`Opened`: the inbox and the graphs of one command, for as long as it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal

from langgraph_hitl._commands.audit_key import audit_key
from langgraph_hitl._commands.loop import Loop
from langgraph_hitl._commands.settings import OWN_FILE, Settings
from langgraph_hitl._commands.status import Refusal
from langgraph_hitl.errors import MissingExtra, UnknownReview

if TYPE_CHECKING:
    from langgraph_hitl._commands.options import ResumeWord
    from langgraph_hitl.inbox import Inbox, Review
    from langgraph_hitl.inbox._graphs import Owned
    from langgraph_hitl.people import Roster
    from langgraph_hitl.review.decision import Decision
    from langgraph_hitl.review.reviewer import Reviewer

Attending = Literal["claim", "release", "defer", "escalate"]
"""What leaves a review open."""

Need = Literal["to find the inbox", "if given", "always"]
"""When the graphs are imported."""

_PREFIX = "rv-"


class Opened:
    """The inbox that is read, and the graphs that can go on here, by name.

    A graph brings the inbox that its gates were built with, an object of its own on the same
    database: through that one its reviews are decided.
    """

    def __init__(
        self, inbox: Inbox, graphs: dict[str, Owned], *, loop: Loop, settings: Settings
    ) -> None:
        self.inbox = inbox
        self.graphs = graphs
        self.loop = loop
        self._settings = settings

    def find(self, review_id: str) -> Review:
        """The review of an id, which may be shortened as far as it stays unique."""
        from langgraph_hitl.inbox._find import matching

        wanted = review_id.strip()
        if not wanted:
            raise Refusal("The id of a review is blank; langgraph-hitl inbox lists them")
        if _PREFIX.startswith(wanted):
            # Even where there is one only: it may not be the one that was meant.
            raise Refusal(
                f"{wanted!r} is ambiguous: all ids begin with it; langgraph-hitl inbox lists them"
            )
        found = matching(self.inbox, wanted) or matching(self.inbox, _PREFIX + wanted)
        if not found:
            raise UnknownReview(review_id)
        if len(found) > 1:
            listed = ", ".join(found[:3])
            raise Refusal(
                f"{review_id!r} is ambiguous, the beginning of several ids: {listed}"
                f"{', ...' if len(found) > 3 else ''}"
            )
        return self.inbox.get(found[0])

    def decide(
        self,
        review: Review,
        decision: Decision,
        *,
        by: Reviewer,
        seen: Review | str | None,
        resume: ResumeWord | None,
    ) -> Review:
        """Decide, and resume the graph where it is here."""
        owned = self._owner_of(review)
        if owned is None:
            return self.inbox.decide(
                review.id,
                decision,
                by=by,
                seen=seen,
                resume=self._elsewhere(resume),
                channel="cli",
            )
        if owned.asynchronous:
            deciding = owned.inbox.adecide(
                review.id, decision, by=by, seen=seen, resume=resume, channel="cli"
            )
            return self.loop.run(deciding)
        return owned.inbox.decide(
            review.id, decision, by=by, seen=seen, resume=resume, channel="cli"
        )

    def cancel(
        self, review: Review, *, by: Reviewer, reason: str | None, resume: ResumeWord | None
    ) -> Review:
        """End a review without a decision, and resume the graph where it is here."""
        owned = self._owner_of(review)
        if owned is None:
            return self.inbox.cancel(
                review.id, by=by, reason=reason, resume=self._elsewhere(resume), channel="cli"
            )
        if owned.asynchronous:
            cancelling = owned.inbox.acancel(
                review.id, by=by, reason=reason, resume=resume, channel="cli"
            )
            return self.loop.run(cancelling)
        return owned.inbox.cancel(review.id, by=by, reason=reason, resume=resume, channel="cli")

    def override(
        self,
        review: Review,
        decision: Decision,
        *,
        by: Reviewer,
        reason: str,
        resume: ResumeWord | None,
    ) -> Review:
        """Decide over what was decided, through the inbox of its graph, which says who may."""
        owned = self._owner_of(review)
        inbox = self.inbox if owned is None else owned.inbox
        if owned is not None and owned.asynchronous:
            overriding = inbox.aoverride(
                review.id, decision, by=by, reason=reason, resume=resume, channel="cli"
            )
            return self.loop.run(overriding)
        return inbox.override(
            review.id, decision, by=by, reason=reason, resume=resume, channel="cli"
        )

    def attend(self, review: Review, name: Attending, **given: Any) -> Review:
        """What leaves a review open, through the inbox of its graph where that is here."""
        owned = self._owner_of(review)
        inbox = self.inbox if owned is None else owned.inbox
        if owned is not None and owned.asynchronous:
            later: Review = self.loop.run(
                getattr(inbox, f"a{name}")(review.id, channel="cli", **given)
            )
            return later
        after: Review = getattr(inbox, name)(review.id, channel="cli", **given)
        return after

    def _owner_of(self, review: Review) -> Owned | None:
        return self.graphs.get(review.graph)

    def _elsewhere(self, resume: ResumeWord | None) -> ResumeWord:
        """Without the graph: a worker resumes, unless this process was told to."""
        if resume is None and self.graphs and self._settings.chosen:
            return "now"  # which the inbox refuses, naming the graph
        return resume or "worker"


@contextmanager
def opened(
    settings: Settings, *, need: Need, say: Callable[[str], None] = lambda _text: None
) -> Iterator[Opened]:
    """Open what the settings name.

    Args:
        need: When the graphs are imported.
        say: Told about graphs that were found but not asked for, and are of no use.
    """
    check_extra()
    from langgraph_hitl._commands.graphs import load_graphs, one_inbox
    from langgraph_hitl.inbox._existing import open_existing

    with ExitStack() as stack:
        loop = Loop()
        stack.callback(loop.close)
        graphs: list[Owned] = []
        if _wanted(settings, need):
            graphs = load_graphs(settings, loop=loop, stack=stack, say=say)
        inbox = one_inbox(graphs, settings.inbox)
        if inbox is None:
            if settings.inbox is None:
                raise Refusal(
                    "Which inbox? Give --inbox URL, set LANGGRAPH_HITL_INBOX, write inbox = "
                    f'"URL" into {OWN_FILE}, or name the graphs that use it with --app'
                )
            inbox = open_existing(settings.inbox, audit_key=audit_key(), people=_people(settings))
            stack.callback(inbox.close)
        if need == "always" and not graphs:
            raise Refusal(
                "No graph was found that files with an inbox, so nothing can go on here; give "
                "--app module:graph, or run where the langgraph.json is"
            )
        by_name = {each.name: each for each in graphs}
        yield Opened(inbox, by_name, loop=loop, settings=settings)


def _people(settings: Settings) -> Roster | None:
    """Who there is, where the inbox is opened without its graphs."""
    from langgraph_hitl.people import load_people

    return None if settings.directory is None else load_people(settings.directory)


def check_extra() -> None:
    """Raises `MissingExtra` where SQLAlchemy is not installed."""
    try:
        import sqlalchemy  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        raise MissingExtra("The inbox", extra="inbox") from None


def _wanted(settings: Settings, need: Need) -> bool:
    given = bool(settings.apps or settings.graphs_file)
    return given and (need != "to find the inbox" or settings.inbox is None)
