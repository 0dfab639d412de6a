"""The command `langgraph-hitl` (extra `[cli]`)."""

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

from langgraph_hitl.errors import MissingExtra

if TYPE_CHECKING:
    from typer import Typer

PROGRAM = "langgraph-hitl"


def main() -> None:
    """Run the command line; without the extra, say what to install."""
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "typer"):
            raise
        print(MissingExtra(PROGRAM, extra="cli"), file=sys.stderr)
        raise SystemExit(2) from None
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    build()(prog_name=PROGRAM)


def build() -> "Typer":
    """Every command."""
    import typer

    from langgraph_hitl._commands.all import COMMANDS
    from langgraph_hitl._commands.command import command
    from langgraph_hitl._commands.policy import POLICY_COMMANDS
    from langgraph_hitl._demo.command import demo

    app = typer.Typer(
        name=PROGRAM,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=True)
    def options(
        version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    ) -> None:
        """Human review for LangGraph. See it work: langgraph-hitl demo"""
        if version:
            print(f"{PROGRAM} {_version()}")
            raise typer.Exit

    app.command()(demo)
    for function in COMMANDS:
        app.command(function.__name__)(command(function))
    policy = typer.Typer(no_args_is_help=True, help="Explain a policy, or test it.")
    for name, function in POLICY_COMMANDS:
        policy.command(name)(command(function))
    app.add_typer(policy, name="policy")
    return app


def _version() -> str:
    from importlib.metadata import version

    return version(PROGRAM)


if __name__ == "__main__":
    main()
