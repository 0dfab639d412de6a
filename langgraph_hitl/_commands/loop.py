"""`Loop`: the one event loop of a command, for graphs whose savers and factories need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

Result = TypeVar("Result")


class Loop:
    """Started when it is first needed; closing it leaves the factories that it entered."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._entered = AsyncExitStack()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run to the end."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(coroutine)

    def enter(self, manager: AbstractAsyncContextManager[Result]) -> Result:
        """Enter a context that ends with the command."""
        return self.run(self._entered.enter_async_context(manager))

    def at_end(self, closing: Callable[[], Awaitable[object]]) -> None:
        """Call this on the loop before it is closed."""
        self._entered.push_async_callback(closing)

    def close(self) -> None:
        if self._runner is None:
            return
        try:
            self._runner.run(self._entered.aclose())
        finally:
            self._runner.close()
            self._runner = None
