"""`command`: a function of the inbox as a command of typer."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_type_hints

import typer

from langgraph_hitl._commands.logs import logged
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.shapes import error_json
from langgraph_hitl._commands.status import STATUSES, Refusal, Status, status_of
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl.errors import HitlError

Function = Callable[..., Status | None]

_JSON = inspect.Parameter(
    "as_json",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--json", help="Write one JSON document; messages go to stderr.")
    ],
)


def command(function: Function) -> Callable[..., None]:
    """The function with its option groups as single options, `--json`, and errors as one line.

    Its first parameter is the `Output`; every parameter whose type is a dataclass is a group.
    """
    groups, parameters = _taken_apart(function)

    def run(**given: Any) -> None:
        out = Output(as_json=given.pop("as_json"))
        for name, kind in groups.items():
            given[name] = kind(**{each.name: given.pop(each.name) for each in fields(kind)})
        raise typer.Exit(_status(function, out, given))

    run.__name__ = function.__name__
    run.__doc__ = f"{inspect.getdoc(function)}\n\n{STATUSES}"
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _taken_apart(function: Function) -> tuple[dict[str, type[Any]], list[inspect.Parameter]]:
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, type[Any]] = {}
    taken: list[inspect.Parameter] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        kind = hints[parameter.name]
        if isinstance(kind, type) and is_dataclass(kind):
            groups[parameter.name] = kind
        else:
            taken.append(_keyword(parameter.name, parameter.default, kind))
    for kind in groups.values():
        of_group = get_type_hints(kind, include_extras=True)
        for name, default in _defaults(kind).items():
            taken.append(_keyword(name, default, of_group[name]))
    return groups, [*taken, _JSON]


def _defaults(kind: type[Any]) -> dict[str, Any]:
    made = kind()
    return {each.name: getattr(made, each.name) for each in fields(kind)}


def _keyword(name: str, default: Any, kind: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _status(function: Function, out: Output, given: dict[str, Any]) -> int:
    """Run it. What the user's graph prints goes to stderr: the results are not to be mixed."""
    try:
        with contextlib.redirect_stdout(sys.stderr), logged():
            status = function(out, **given)
            out.flush()
        return int(status or Status.DONE)
    except (HitlError, Refusal) as error:
        _tell(out, error)
        return int(status_of(error))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return int(Status.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the results has gone; the interpreter must not fail when it flushes.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.file.fileno())
        return int(Status.FAILED)


def _tell(out: Output, error: HitlError | Refusal) -> None:
    if out.as_json:
        out.document({"error": error_json(error)})
    print(f"langgraph-hitl: {one_line(str(error))}", file=sys.stderr)
