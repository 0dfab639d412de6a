"""`load`: from a target to the graph itself. Whatever the user's code raises becomes one line."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    contextmanager,
)
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from langgraph_hitl._commands.loop import Loop
from langgraph_hitl._commands.status import Refusal, Status, Unusable
from langgraph_hitl._commands.target import Target
from langgraph_hitl.inbox._foreign.server import is_remote

_MAX_REASON = 300


def load(target: Target, *, loop: Loop, stack: ExitStack) -> Any:
    """The compiled graph of a target.

    A function is called: without arguments, or with an empty configuration. It may be asynchronous,
    and what it gives may be a context manager, which `stack` or `loop` leaves in the end.

    Raises:
        Refusal: It cannot be imported or made, or it is no compiled graph with a checkpointer.
    """
    with _blamed(target, "cannot be imported"):
        found = _attribute(_module(target), target)
    if not isinstance(found, Pregel | StateGraph) and callable(found):
        with _blamed(target, "cannot be made"):
            found = _entered(_called(found, loop), loop, stack)
    return _checked(found, target)


def put_on_path(folder: Path) -> None:
    """Modules of `folder` can be imported, before others of the same name."""
    text = str(folder)
    if text not in sys.path:
        sys.path.insert(0, text)


def _module(target: Target) -> ModuleType:
    put_on_path(Path.cwd())
    if target.path is not None:
        return _of_file(target.path.resolve())
    assert target.module is not None
    return importlib.import_module(target.module)


def _of_file(path: Path) -> ModuleType:
    """The module of a file, under the name that other modules import it by, if they can."""
    if not path.is_file():
        raise Refusal(f"There is no file {path}")
    folder, parts = path.parent, [path.stem]
    while (folder / "__init__.py").is_file():
        folder, parts = folder.parent, [folder.name, *parts]
    put_on_path(folder)
    name = ".".join(parts)
    if "." not in path.stem:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin and os.path.realpath(spec.origin) == str(path):
            return importlib.import_module(name)
    return _alone(path)


def _alone(path: Path) -> ModuleType:
    """A file whose name another module has taken."""
    name = f"_langgraph_hitl_graph_{len(sys.modules)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _attribute(module: ModuleType, target: Target) -> Any:
    found: Any = module
    for name in target.attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise Refusal(
                f"{target.text}: {module.__name__} has no {target.attribute!r}", Status.FAILED
            ) from None
    return found


def _called(factory: Callable[..., Any], loop: Loop) -> Any:
    required = [
        parameter
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if len(required) > 1:
        raise TypeError("it takes more than a configuration")
    if not required:
        made = factory()
    elif required[0].kind is inspect.Parameter.KEYWORD_ONLY:
        made = factory(**{required[0].name: {"configurable": {}}})
    else:
        made = factory({"configurable": {}})
    if not inspect.isawaitable(made):
        return made
    awaited = loop.run(_awaited(made))
    if isinstance(awaited, Pregel):
        loop.at_end(partial(_disconnect, awaited.checkpointer))
    return awaited


async def _awaited(made: Any) -> Any:
    return await made


async def _disconnect(saver: Any) -> None:
    """The connection that a factory has opened, whose thread would keep the process alive."""
    closing = getattr(getattr(saver, "conn", None), "close", None)
    if callable(closing):
        closed = closing()
        if inspect.isawaitable(closed):
            await closed


def _entered(made: Any, loop: Loop, stack: ExitStack) -> Any:
    if isinstance(made, Pregel):
        return made
    if isinstance(made, AbstractAsyncContextManager):
        return loop.enter(made)
    return stack.enter_context(made) if isinstance(made, AbstractContextManager) else made


def _checked(found: Any, target: Target) -> Any:
    if isinstance(found, StateGraph):
        raise Refusal(
            f"{target.text} is not compiled; name what builder.compile(checkpointer=...) returned",
            Status.FAILED,
        )
    if is_remote(found):
        return found
    if not isinstance(found, Pregel):
        raise Refusal(
            f"{target.text} is no graph but {type(found).__name__}; name a compiled graph or a "
            "function that returns one",
            Status.FAILED,
        )
    if found.checkpointer in (None, False, True):
        raise Unusable(
            f"{target.text} has no checkpointer, so nothing of it can go on here. Where a server "
            "runs it, which has its own, name a RemoteGraph that inbox.watch(...) watches; else "
            "compile it with builder.compile(checkpointer=...)."
        )
    return found


@contextmanager
def _blamed(target: Target, what: str) -> Iterator[None]:
    try:
        yield
    except Refusal:
        raise
    except (Exception, SystemExit) as error:
        lines = str(error).strip().splitlines() or [""]
        reason = f"{type(error).__name__}: {lines[0][:_MAX_REASON]}"
        raise Refusal(f"{target.text} {what}: {reason}", Status.FAILED) from error
