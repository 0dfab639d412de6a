"""`leave`: what a run of a watched graph leaves behind is filed before its lock is given back."""

from __future__ import annotations

import logging
from typing import Any

from langgraph_hitl.inbox._foreign.survey import survey
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.cause import ServerAway
from langgraph_hitl.inbox._run.lease import end
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Steps

_log = logging.getLogger(__name__)


def leave(office: Office, run: Run, app: Any, error: BaseException | None) -> Steps[None]:
    """`end` a run, however it ended: also where its consumer has broken the stream.

    What cannot be filed now is no error of the run: `reconcile()` finds it.
    """
    watch = office.registry.watch_of(run.graph)
    try:
        if watch is not None and not _is_cut_off(error):
            run.stops = run.stops and error is None
            yield from survey(office, app, run, watch, error)
    except Exception:
        _log.exception("what the thread %s waits for is filed by reconcile()", run.thread_id)
    finally:
        yield from end(office, run, app, error)


def _is_cut_off(error: BaseException | None) -> bool:
    """Whether nothing more should be awaited, as where the process is being stopped."""
    if isinstance(error, ServerAway):  # it is away still
        return True
    return error is not None and not isinstance(error, Exception | GeneratorExit)
