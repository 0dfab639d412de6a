"""`review_tools`: people decide what the tools of an agent may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.patterns.options import known
from langgraph_hitl.tools._review import PRESET, reviews_of
from langgraph_hitl.tools.options import ToolOptions

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware, HumanInTheLoopMiddleware


def review_tools(
    tools: Mapping[str, Any] | HumanInTheLoopMiddleware[Any, Any, Any] | None = None,
    *,
    max_repeats: int = 3,
    max_refusals: int = 5,
    **options: Unpack[ToolOptions],
) -> AgentMiddleware[Any, Any, Any]:
    """A middleware for `create_agent` that puts calls of tools before people.

    Each call is a review of its own, also beside others: it is approved, edited, refused or
    answered in place of the tool, and runs once. The model is told of an edit, of an answer, of
    what was said about an approval, and why a call was refused; the same call, made again before
    the user has spoken, is refused without asking anyone.

    Args:
        tools: For each tool by name: `True`, `False`, a trigger or a function of its arguments, or
            a mapping of options for it alone. What `HumanInTheLoopMiddleware(interrupt_on=...)`
            takes is taken as it is, or that middleware itself. A function as `when` in a mapping
            that has LangChain's options only is called with LangChain's request; beside an option
            of ours it is called with the arguments. An edit has to fit the tool, and `args_schema`
            too.
        max_repeats: After so many calls that were refused without asking the agent ends.
        max_refusals: After so many messages of the model with calls of a tool that people refused,
            further calls of it are refused without asking, until the user has spoken.

    The other options, `inbox=`, `reviewers=` and `timeout=` among them, are those of
    `human_approval`, and hold for every tool. Where another middleware hides tools from the model,
    this one comes first.

    What runs is what was approved: where a middleware that is listed after this one changes the
    arguments of a tool of LangChain, that is an error and runs nothing. What such a middleware
    runs by itself, without the tool or without the id of the call, does not come before people.

    It decides for the agent that it is given to. A subagent, as deepagents has them, takes one of
    its own, which may be the same object; where it has none, a call of these tools is an error and
    runs nothing. `{"pay": False}` in the middleware of a subagent lets it call without asking.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect; when the model
            is first called, no tool has the name, or the provider runs it; a subagent calls such a
            tool unasked; or a call was changed after its approval.
        MissingExtra: LangChain is not installed (`langgraph-hitl[agent]`).

    ```python
    agent = create_agent(
        model,
        tools=[pay, search],
        middleware=[review_tools({"pay": over("amount", 1000)})],
        checkpointer=SqliteSaver(conn),
    )
    ```
    """
    try:
        from langgraph_hitl.tools import _langchain
        from langgraph_hitl.tools._middleware import ReviewTools
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "langchain":
            raise
        raise MissingExtra("review_tools", extra="agent") from None
    for name, most in (("max_repeats", max_repeats), ("max_refusals", max_refusals)):
        if type(most) is not int or most < 1:
            raise GateError(f"{PRESET}: {name} must be a whole number from 1, not {most!r}")
    _langchain.refuse_options(options)
    given = _langchain.tools_of(tools)
    reviews = reviews_of(given, known(PRESET, options, ToolOptions))
    return ReviewTools(reviews, tuple(given), repeats=max_repeats, refusals=max_refusals)
