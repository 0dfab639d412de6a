"""`langgraph-hitl policy`: why a policy rules so, and whether it says what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from langgraph_hitl._commands.command import Function
from langgraph_hitl._commands.given import STDIN, moment, words
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import plain_table
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl.review.strict_json import NotStrictJson, read_json

if TYPE_CHECKING:
    from langgraph_hitl.policies import Explanation, Tested

File = Annotated[Path, typer.Argument(metavar="FILE", help="A policy in YAML.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The moment, such as 2026-12-31T18:00:00+01:00; now by default.",
    ),
]


def explain(
    out: Output,
    file: File,
    case: Annotated[
        str,
        typer.Argument(
            metavar="CASE.json", help="The values of a case: a JSON object; - reads it from stdin."
        ),
    ],
    *,
    at: At = None,
) -> Status:
    """Show what a policy says about a case, and why.

    Each rule until the one that applies is listed, with what each part of it found: true, false,
    or not told.

    --json: {"ruling": {"decision", "policy", "version", "rule", "sentence", ...}, "rules":
    [{"rule", "holds", "parts": [{"trigger", "holds", "sentence"}, ...]}, ...]}.
    """
    from langgraph_hitl.policies.load import read_document

    when = _moment(at)
    found = read_document(file, at=when).policy.explain(_case(case), when)
    if out.as_json:
        out.document(found.to_json())
    else:
        out.table(*_explained(found))
    return Status.DONE


def try_cases(out: Output, file: File, *, at: At = None) -> Status:
    """Try a policy on the cases in its file.

    A case has values, `expect` (ask or pass), and if wanted a name, a rule, and the moment `at`.
    Exit status 1 if one does not come out as expected.

    --json: {"ok", "cases": [{"name", "ok", "expected", "got", "sentence"}, ...]}.
    """
    from langgraph_hitl.policies import run_cases
    from langgraph_hitl.policies.load import read_document

    when = _moment(at)
    document = read_document(file, at=when)
    if not document.cases:
        raise Refusal(f"{file} has no cases; write them under 'cases'")
    results = run_cases(document.policy, document.cases, when)
    failed = sum(not found.ok for found in results)
    if out.as_json:
        out.document({"ok": not failed, "cases": [_tested(found) for found in results]})
    else:
        out.table(_table(results, out.width))
        for found in results:
            if not found.ok:
                out.say(f"{one_line(found.case.name)}: {one_line(found.ruling.sentence)}", "red")
        if failed:
            out.say(f"Not as expected: {failed} of {len(results)}.", "bold red")
        else:
            out.say(f"As expected: {len(results)} of {len(results)}.", "green")
    return Status.FAILED if failed else Status.DONE


POLICY_COMMANDS: tuple[tuple[str, Function], ...] = (("explain", explain), ("test", try_cases))


def _moment(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    return moment(at, "--at")


def _case(given: str) -> dict[str, Any]:
    """The values; a number that JSON does not have is no case."""
    try:
        text = words(given) if given == STDIN else Path(given).read_text(encoding="utf-8-sig")
        values = read_json(text)
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{given} cannot be read: {error}") from None
    except NotStrictJson as error:
        raise Refusal(f"{given} is no JSON ({error})") from None
    if not isinstance(values, dict):
        raise Refusal(f"{given} must be a JSON object of state keys and values")
    return values


def _explained(found: Explanation) -> Iterator[Text]:
    for rule in found.rules:
        yield Text.assemble((one_line(rule.rule), "bold"), f": {rule.word}")
        for part in rule.parts:
            line = f"  {one_line(part.trigger)}: {part.word}. {one_line(part.sentence)}"
            yield Text(line, overflow="fold")
    last = str(found).splitlines()[-1]
    yield Text(one_line(last.removeprefix("-> ")), style="bold", overflow="fold")


def _tested(found: Tested) -> dict[str, Any]:
    return {
        "name": found.case.name,
        "ok": found.ok,
        "expected": found.case.expected,
        "got": found.got,
        "sentence": found.ruling.sentence,
    }


def _table(results: list[Tested], width: int) -> RenderableType:
    rows = [
        ["ok" if found.ok else "FAILED", found.case.name, found.case.expected, found.got]
        for found in results
    ]
    return plain_table(["", "case", "expected", "got"], rows, width)
