"""What the package logs, for as long as a command runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def logged(*, verbose: bool = False) -> Iterator[None]:
    """With their tracebacks on stderr if `verbose`, else as the user's own set-up of logging says.

    Without either, Python would print tracebacks of what the command says in one line.
    """
    handler = logging.StreamHandler(sys.stderr) if verbose else logging.NullHandler()
    logger = logging.getLogger("langgraph_hitl")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
