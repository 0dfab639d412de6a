"""A model suggests, people take what they want of it, and nothing else changes the text."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy, Send
from pydantic import BaseModel, Field

from langgraph_hitl import (
    Approve,
    Edit,
    Items,
    Reject,
    ReviewState,
    Revise,
    Skip,
    apending,
    approved,
    co_edit,
    pending,
    resume,
)
from langgraph_hitl._subgraph.channels import typed_dict
from langgraph_hitl.errors import (
    Drifted,
    GateError,
    NotApproved,
    ProposalFailed,
    SubjectError,
)
from langgraph_hitl.panels import quorum
from langgraph_hitl.review import AllReviews, Decision, LatestReview
from langgraph_hitl.review.suggestion import GONE
from tests.drivers import App, Builder
from tests.patterns import elsewhere
from tests.patterns.rounds import Thread, Told, noting
from tests.paused import new_thread
from tests.scale import scale
from tests.strategies import TEXT as TEXTS

TEXT = "It was a grate day. We went home."
TYPO = {"replaces": "grate", "replacement": "great", "why": "typo"}
PLACE = {"replaces": "home", "replacement": "out", "why": "more lively"}
BOTH = {"replaces": "a grate day", "replacement": "great", "why": "shorter"}
HERE = "tests.patterns.test_co_edit"


class State(ReviewState, total=False):
    """A text; `went` is the node behind."""

    draft: str
    tone: str
    went: str
    edit_history: list[dict[str, Any]]


def built(suggest: Any = None, schema: type[Any] = State, **options: Any) -> Builder:
    builder: Builder = StateGraph(schema)
    model = Told([TYPO, PLACE], [], []) if suggest is None else suggest
    co_edit(
        builder,
        "edit",
        "draft",
        suggest=model,
        **{"approved": "publish", "rejected": "archive"} | options,
    )
    for name in {"archive", *(options.get(way) for way in ("exhausted", "timed_out"))}:
        if name:
            builder.add_node(name, noting(name))
    builder.add_node("publish", lambda state: {"went": f"publish: {approved(state, 'draft')}"})
    builder.add_edge(START, "edit")
    return builder


@pytest.fixture
def editing(tmp_path: Path) -> Callable[..., Thread]:
    def begin(suggest: Any = None, /, text: Any = TEXT, **options: Any) -> Thread:
        thread = Thread(tmp_path, lambda: built(suggest, **options))
        thread.send({"draft": text})
        return thread

    return begin


Begin = Callable[..., Thread]


def test_what_is_accepted_goes_into_the_text_and_the_text_is_approved(editing: Begin) -> None:
    thread = editing()
    assert [one["replaces"] for one in thread.request.subject] == ["grate", "home"]
    assert thread.request.context["text"] == TEXT
    thread.say(Items({"1": Approve(), "2": Reject("true enough")}))
    shown = thread.request
    assert shown.subject == "It was a great day. We went home."
    assert shown.context["changes"]["lines"][1:] == [f"-{TEXT}", f"+{shown.subject}"]
    assert [one["became"] for one in shown.context["suggestions"]] == ["applied", "refused"]
    state = thread.say(Approve(), by="jo")
    assert state["went"] == "publish: It was a great day. We went home."
    assert [(r["gate"], r["outcome"]) for r in state["reviews"]] == [
        ("edit_suggestions", "partial"),
        ("edit_text", "approved"),
    ]


def test_a_changed_suggestion_and_an_own_edit(editing: Begin) -> None:
    thread = editing()
    changed = {**thread.request.subject[1], "replacement": "dancing"}
    thread.say(Items({"1": Approve(), "2": Edit(changed)}))
    thread.say(Edit("A great day. We went dancing."))
    assert thread.request.subject == "A great day. We went dancing."
    assert thread.request.history[0]["version"] == "It was a great day. We went dancing."
    state = thread.say(Approve())
    assert state["went"] == "publish: A great day. We went dancing."
    (edit,) = state["edit_history"][-1]["edits"]
    assert (edit["by"], edit["changes"]["lines"][-1]) == ("maria", "+A great day. We went dancing.")


def test_guidance_leads_to_the_next_round(editing: Begin) -> None:
    model = Told([TYPO, PLACE], [{"replaces": "It was a", "replacement": "A"}])
    thread = editing(model, reads=["tone"])
    thread.say(Items({"1": Approve(), "2": Reject()}, "less is more"))
    thread.say(Revise("shorter"))
    assert [(a["round"], a["guidance"]) for a in model.asked] == [
        (1, None),
        (2, "less is more\nshorter"),
    ]
    assert model.asked[1]["text"] == "It was a great day. We went home."
    assert [event["event"] for event in model.asked[1]["history"]] == [
        "begun",
        "suggestions",
        "text",
    ]
    assert "tone" in model.asked[0]
    assert [one["id"] for one in thread.request.subject] == ["3"]
    thread.say(Approve())
    assert thread.request.subject == "A great day. We went home."
    assert thread.say(Approve())["went"] == "publish: A great day. We went home."


def test_guidance_instead_of_verdicts(editing: Begin) -> None:
    model = Told([TYPO, PLACE], [BOTH])
    thread = editing(model)
    thread.say(Items({"1": Approve()}))
    thread.say(Revise("something else"))
    assert model.asked[1]["text"] == "It was a great day. We went home."
    assert model.asked[1]["guidance"] == "something else"
    (_, event) = model.asked[1]["history"]
    assert [one["became"] for one in event["suggestions"]] == ["applied", "open"]


def test_the_history_has_every_version_and_what_became_of_every_suggestion(editing: Begin) -> None:
    thread = editing(Told([TYPO, PLACE], []))
    thread.say(Items({"1": Approve("yes"), "2": Skip()}))
    thread.say(Revise("go on"), by="jo")
    thread.say(Items({"2": Reject("no")}), by="jo")
    history = thread.say(Approve(), by="kim")["edit_history"]
    assert [(e["event"], e.get("round"), e.get("outcome"), e.get("by")) for e in history] == [
        ("begun", None, None, None),
        ("suggestions", 1, "partial", "maria"),
        ("text", 1, "needs_revision", "jo"),
        ("suggestions", 2, "rejected", "jo"),
        ("text", 2, "approved", "kim"),
    ]
    assert [e["text"] for e in history] == [TEXT, *["It was a great day. We went home."] * 4]
    told = [
        (one["id"], one["became"], one["by"], one.get("message"))
        for event in history
        for one in event.get("suggestions", [])
    ]
    assert told == [
        ("1", "applied", "maria", "yes"),
        ("2", "later", "maria", None),
        ("2", "refused", "jo", "no"),
    ]
    assert history[2]["guidance"] == "go on"


@settings(max_examples=scale(200))
@given(st.data(), st.integers(1, 5))
def test_nothing_that_was_not_accepted_changes_the_text(data: st.DataObject, count: int) -> None:
    words = [f"word{n}" for n in range(count)]
    made = [{"id": word, "replaces": word, "replacement": word.upper()} for word in words]
    app = built(Told(data.draw(st.permutations(made)))).compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke({"draft": " ".join(words)}, config)
    expected = {word: word for word in words}
    while isinstance((request := pending(app, config)[0]).subject, list):
        left = [one["id"] for one in request.subject]
        chosen = data.draw(st.lists(st.sampled_from(left), unique=True, min_size=1))
        verdicts: dict[str, Any] = {
            word: data.draw(st.sampled_from([Approve(), Skip(), Reject(), "edit"]))
            for word in chosen
        }
        for word, verdict in verdicts.items():
            if verdict == "edit":
                changed = {"id": word, "replaces": word, "replacement": "!"}
                verdicts[word], expected[word] = Edit(changed), "!"
            elif verdict == Approve():
                expected[word] = word.upper()
        app.invoke(resume(request, Items(verdicts)), config)
    assert request.subject == " ".join(expected.values())


def test_two_that_replace_the_same_words_come_back_as_a_conflict(editing: Begin) -> None:
    thread = editing(Told([TYPO, BOTH, PLACE]))
    thread.say(Approve())
    one, two = thread.request.subject
    assert "'2' replaces too" in one["conflict"]
    assert "'1' replaces too" in two["conflict"]
    assert thread.values["draft"] == TEXT
    thread.say(Items({"1": Reject(), "2": Approve()}))
    assert thread.request.subject == "It was great. We went out."


def test_what_an_own_edit_has_taken_away_is_shown_and_cannot_be_accepted(editing: Begin) -> None:
    thread = editing(Told([TYPO, PLACE], []))
    thread.say(Items({"1": Approve(), "2": Skip("later")}))
    thread.say(Edit("It was a great day."))
    thread.say(Revise("and now?"))
    (left,) = thread.request.subject
    assert (left["conflict"], "at" in left) == (GONE, False)
    thread.say(Approve())
    assert thread.request.subject[0]["conflict"] == GONE
    fitting = {**left, "replaces": "day", "replacement": "day out"}
    thread.say(Items({"2": Edit(fitting)}))
    assert thread.request.subject == "It was a great day out."


def test_what_a_model_quotes_wrongly_is_shown_as_a_conflict(editing: Begin) -> None:
    thread = editing(Told([{**TYPO, "replaces": "gratte"}]))
    assert thread.request.subject[0]["conflict"] == GONE
    thread.say(Items({"1": Reject()}))
    assert thread.request.subject == TEXT


@pytest.mark.parametrize(
    ("options", "went"), [({}, "archive"), ({"exhausted": "expert"}, "expert")]
)
def test_rounds_are_bounded_and_their_end_approves_nothing(
    editing: Begin, options: dict[str, str], went: str
) -> None:
    model = Told([TYPO], [])
    thread = editing(model, max_rounds=2, **options)
    thread.say(Approve())
    assert thread.request.context["rounds_left"] == 1
    thread.say(Revise("more"))
    assert thread.request.context["rounds_left"] == 0
    state = thread.say(Revise("still more"))
    assert (state["went"], len(model.asked)) == (went, 2)
    assert state["draft"] == TEXT
    with pytest.raises(NotApproved, match="needs_revision"):
        approved(state, "draft")
    assert state["edit_history"][-1]["text"] == "It was a great day. We went home."


def test_guidance_about_the_last_suggestions_is_not_lost(editing: Begin) -> None:
    thread = editing(max_rounds=1)
    thread.say(Revise("others"))
    assert thread.request.subject == TEXT


def test_giving_up_leaves_the_text_as_it_was(editing: Begin) -> None:
    thread = editing()
    thread.say(Approve())
    thread.say(Edit("Something else"))
    state = thread.say(Reject("not now"))
    assert (state["went"], state["draft"]) == ("archive", TEXT)


def test_a_text_that_changes_after_its_approval_has_drifted(editing: Begin) -> None:
    thread = editing()
    thread.say(Approve())
    state = thread.say(Approve())
    with pytest.raises(Drifted):
        approved({**state, "draft": TEXT}, "draft")
    assert approved(state, "draft", gate="edit_text") == "It was a great day. We went out."


def test_where_nothing_is_suggested_the_text_is_shown_at_once(editing: Begin) -> None:
    thread = editing(Told([]))
    assert thread.request.subject == TEXT
    assert thread.say(Approve())["went"] == f"publish: {TEXT}"


@pytest.mark.parametrize("bad", [None, "", "  ", 5, ["x"], "a \ud800 b", "a \x00 b"])
def test_what_is_no_text_is_an_error_before_anybody_is_asked(bad: Any) -> None:
    model = Told([TYPO])
    app = built(model).compile(checkpointer=InMemorySaver())
    with pytest.raises(SubjectError, match="'draft' holds"):
        app.invoke({"draft": bad}, new_thread())
    assert model.asked == []


@pytest.mark.parametrize(
    ("garbage", "problem"),
    [
        ("nonsense", "'edit': suggest= returned 'nonsense'"),
        ([TYPO | {"id": "a"}, PLACE | {"id": "a"}], "two open suggestions have the id 'a'"),
        ([{"replaces": "grate"}], "suggestion 0: 'replacement'"),
    ],
)
def test_garbage_of_the_model_is_an_error_and_the_thread_goes_on(
    tmp_path: Path, garbage: Any, problem: str
) -> None:
    model = Told(garbage)
    thread = Thread(tmp_path, lambda: built(model))
    with pytest.raises(ProposalFailed, match=problem):
        thread.send({"draft": TEXT})
    assert thread.requests == []
    model.rounds = ([TYPO],)
    thread.send(None)
    assert [one["id"] for one in thread.request.subject] == ["1"]


def test_an_id_of_one_that_was_kept_for_later_is_not_taken_again(editing: Begin) -> None:
    model = Told([TYPO | {"id": "a"}], [PLACE | {"id": "a"}])
    thread = editing(model)
    thread.say(Items({"a": Skip()}))
    with pytest.raises(ProposalFailed, match="two open suggestions have the id 'a'"):
        thread.say(Revise("more"))
    model.rounds = ([], [PLACE])
    thread.send(None)
    assert [one["id"] for one in thread.request.subject] == ["a", "2"]


def test_numbers_go_past_those_that_people_have_taken(editing: Begin) -> None:
    thread = editing(Told([TYPO], [PLACE]))
    own = {"id": "2", "replaces": "went", "replacement": "ran"}
    thread.say(Edit([*thread.request.subject, own]))
    thread.say(Items({"1": Approve(), "2": Skip()}))
    thread.say(Revise("more"))
    assert [one["id"] for one in thread.request.subject] == ["2", "3"]


def test_a_suggestion_of_ones_own_is_decided_with_the_others(editing: Begin) -> None:
    thread = editing()
    own = {"id": "mine", "replaces": "went home", "replacement": "stayed"}
    typo, _ = thread.request.subject
    thread.say(Edit([typo, own], "no place"), by="jo")
    assert [one["id"] for one in thread.request.subject] == ["1", "mine"]
    thread.say(Approve(), by="maria")
    assert thread.request.subject == "It was a great day. We stayed."
    told = thread.request.context["suggestions"]
    assert [(one["id"], one["became"], one["by"], one.get("suggested_by")) for one in told] == [
        ("1", "applied", "maria", None),
        ("2", "withdrawn", "jo", None),
        ("mine", "applied", "maria", "jo"),
    ]


@pytest.mark.parametrize(
    ("verdicts", "problem"),
    [
        ({"x": {"type": "approve"}}, "there is no item 'x'; open: 1, 2"),
        ({"x": {"type": "edit", "value": {"id": "x"}}}, "there is no item 'x'"),
        ({"1": {"type": "edit", "value": {"id": "2"}}}, "the whole item"),
        ({"1": {"type": "edit", "value": {"id": "1", "replaces": "day"}}}, "replacement"),
    ],
)
def test_verdicts_that_do_not_fit_are_refused(editing: Begin, verdicts: Any, problem: str) -> None:
    from langgraph.types import Command

    thread = editing()
    answer = {thread.request.interrupt_id: {"type": "items", "items": verdicts}}
    with pytest.raises(ValueError, match=problem):
        thread.send(Command(resume=answer))
    assert len(thread.request.subject) == 2


@settings(max_examples=scale(100))
@given(st.sampled_from(["\x1c", "\x1f", "\x85", "\ufeff", "\x1f."]) | TEXTS)
def test_the_text_that_is_taken_is_shown_and_can_be_edited_again(text: str) -> None:
    app, config = built(Told([], [])).compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": TEXT}, config)
    (request,) = pending(app, config)
    try:
        app.invoke(resume(request, Edit(text)), config)
    except ValueError:
        text = TEXT
    (request,) = pending(app, config)
    assert request.subject == text
    app.invoke(resume(request, Revise("more")), config)
    assert pending(app, config)[0].subject == text


@pytest.mark.parametrize("blank", ["", " \n", "\x1f", "\x85"])
def test_an_edit_leaves_something_of_the_text(editing: Begin, blank: str) -> None:
    thread = editing(Told([]))
    with pytest.raises(ValueError, match="does not fit"):
        thread.say(Edit(blank))
    assert thread.request.subject == TEXT


def test_suggestions_that_leave_nothing_of_the_text_are_not_applied(editing: Begin) -> None:
    thread = editing(Told([{"replaces": "word", "replacement": " "}]), text="word")
    thread.say(Approve())
    assert "leaves nothing of the text" in thread.request.subject[0]["conflict"]


def test_four_eyes(editing: Begin) -> None:
    thread = editing(reviewers=quorum(2, of=3))
    for who in ("ann", "bob"):
        thread.say(Items({"1": Approve(), "2": Reject()}), by=who)
    assert thread.request.subject == "It was a great day. We went home."
    thread.say(Approve(), by="ann")
    assert thread.say(Approve(), by="bob")["went"].startswith("publish")


def test_every_call_in_a_process_of_its_own(tmp_path: Path) -> None:
    place = tmp_path / "threads.db"
    config: Any = {"configurable": {"thread_id": "one"}}

    def answer(decision: Decision) -> dict[str, Any]:
        with SqliteSaver.from_conn_string(str(place)) as saver:
            (request,) = pending(built().compile(checkpointer=saver), config)
        found: dict[str, Any] = elsewhere.call(
            f"{HERE}:built", place, resume(request, decision, by="maria")
        )
        return found

    asked = elsewhere.call(f"{HERE}:built", place, {"draft": TEXT})
    assert asked["gates"] == ["edit_suggestions"]
    read = answer(Items({"1": Approve(), "2": Skip()}))
    assert read["subjects"] == ["It was a great day. We went home."]
    done = answer(Approve())
    assert done["values"]["went"] == "publish: It was a great day. We went home."
    assert len(done["values"]["edit_history"]) == 3


@pytest.mark.parametrize("wrap", [lambda model: model, RunnableLambda])
async def test_asynchronous_models(tmp_path: Path, wrap: Callable[[Any], Any]) -> None:
    async def suggest(given: dict[str, Any]) -> list[Any]:
        return [TYPO]

    config = new_thread()
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        app = built(wrap(suggest)).compile(checkpointer=saver)
        await app.ainvoke({"draft": TEXT}, config)
        for _ in range(2):
            (request,) = await apending(app, config)
            values = await app.ainvoke(resume(request, Approve()), config)
    assert values["went"] == "publish: It was a great day. We went home."


def test_an_asynchronous_model_says_how_to_run_it() -> None:
    async def suggest(given: dict[str, Any]) -> list[Any]:
        return []

    app = built(suggest).compile(checkpointer=InMemorySaver())
    with pytest.raises(ProposalFailed, match="suggest= is async; run with ainvoke"):
        app.invoke({"draft": TEXT}, new_thread())


class Post(BaseModel):
    draft: str = Field("Hello grate world", max_length=40)
    went: str = ""
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)


def test_a_pydantic_state_with_a_default_and_a_limit() -> None:
    app, config = built(Told([TYPO]), Post).compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({}, config)
    app.invoke(resume(pending(app, config)[0], Approve()), config)
    (request,) = pending(app, config)
    with pytest.raises(ValueError, match="at most 40"):
        app.invoke(resume(request, Edit("x" * 41)), config)
    values = app.invoke(resume(pending(app, config)[0], Approve()), config)
    assert values["went"] == "publish: Hello great world"
    assert app.get_state(config).values["went"] == "publish: Hello great world"


def test_suggestions_that_the_state_would_refuse_together_come_back_as_a_conflict() -> None:
    longer = [{"replaces": word, "replacement": word * 3} for word in ("Hello", "world")]
    app, config = built(Told(longer), Post).compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": "Hello great big world"}, config)
    app.invoke(resume(pending(app, config)[0], Approve()), config)
    (request,) = pending(app, config)
    assert ["at most 40" in one["conflict"] for one in request.subject] == [True, True]
    app.invoke(resume(request, Items({"1": Approve(), "2": Reject()})), config)
    assert pending(app, config)[0].subject == "HelloHelloHello great big world"


def test_a_text_that_the_state_refuses_is_an_error_before_anybody_is_asked() -> None:
    model = Told([TYPO])
    builder: Builder = StateGraph(Post)
    builder.add_node("write", lambda _: {"draft": "x" * 41})
    co_edit(builder, "edit", "draft", suggest=model, approved=END, rejected=END)
    builder.add_edge(START, "write")
    builder.add_edge("write", "edit")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    with pytest.raises(SubjectError, match=r"'draft' holds 'xxx.*at most 40"):
        app.invoke({}, config)
    assert (model.asked, pending(app, config)) == ([], [])


def test_a_second_pass_begins_anew_and_keeps_the_history(editing: Begin) -> None:
    thread = editing(Told([TYPO]), max_rounds=1)
    thread.say(Approve())
    thread.say(Approve())
    thread.send({"draft": "Another grate day"})
    thread.say(Approve())
    state = thread.say(Approve())
    assert state["went"] == "publish: Another great day"
    assert [e["event"] for e in state["edit_history"]].count("begun") == 2


def sent(node: Any, schema: type[Any]) -> App:
    """A graph that runs a node for each of two texts."""
    builder: Builder = StateGraph(schema)
    if isinstance(node, Told):
        co_edit(builder, "edit", "draft", suggest=node, approved=END, rejected=END)
    else:
        builder.add_node("edit", node)
    texts = [{"draft": "a grate day"}, {"draft": "a grate night"}]
    builder.add_conditional_edges(
        START, lambda state: [Send("edit", state | text) for text in texts], ["edit"]
    )
    return builder.compile(checkpointer=InMemorySaver())


def test_under_send_it_is_an_error_before_anybody_is_asked() -> None:
    model = Told([TYPO])
    app, config = sent(model, State), new_thread()
    with pytest.raises(GateError, match="it cannot where Send runs it: put 'edit' into a graph"):
        app.invoke({"draft": TEXT, "went": ""}, config)
    assert (model.asked, pending(app, config)) == ([], [])


class Pieces(State, total=False):
    pieces: Annotated[list[str], operator.add]


class Kept(ReviewState, total=False):
    pieces: Annotated[list[str], operator.add]


def test_in_a_graph_of_its_own_it_runs_under_send() -> None:
    inner: Builder = StateGraph(Pieces, output_schema=Kept)
    co_edit(inner, "edit", "draft", suggest=Told([TYPO]), approved="keep", rejected=END)
    inner.add_node("keep", lambda state: {"pieces": [approved(state, "draft")]})
    inner.add_edge(START, "edit")
    app, config = sent(inner.compile(), Pieces), new_thread()
    app.invoke({"draft": TEXT}, config)
    while waiting := pending(app, config):
        values = app.invoke(resume(waiting[0], Approve()), config)
    assert values["pieces"] == ["a great day", "a great night"]
    assert len(values["reviews"]) == 4


def _both(builder: Builder) -> None:
    builder.add_edge(START, "edit")
    builder.add_edge(START, "other")


def _one_branch(builder: Builder) -> None:
    builder.add_conditional_edges(START, lambda _: ["edit", "other"], ["edit", "other"])


def _two_branches(builder: Builder) -> None:
    def also(_: Any) -> str:
        return "other"

    builder.add_conditional_edges(START, lambda _: "edit", ["edit", END])
    builder.add_conditional_edges(START, also, ["other", END])


def _edge_and_branch(builder: Builder) -> None:
    builder.add_edge(START, "edit")
    builder.add_conditional_edges(START, lambda _: "other", ["other", END])


def _by_different_nodes(builder: Builder) -> None:
    for start, end in (("left", "edit"), ("right", "other")):
        builder.add_node(start, lambda _: {})
        builder.add_edge(START, start)
        builder.add_edge(start, end)


@pytest.mark.parametrize(
    "lead", [_both, _one_branch, _two_branches, _edge_and_branch, _by_different_nodes]
)
def test_two_of_one_key_side_by_side_are_an_error_before_anybody_is_asked(
    lead: Callable[[Builder], None],
) -> None:
    builder: Builder = StateGraph(State)
    model = Told([TYPO])
    for name in ("edit", "other"):
        co_edit(builder, name, "draft", suggest=model, approved=END, rejected=END)
    lead(builder)
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    with pytest.raises(GateError, match=r"writes 'draft', which '(edit|other)' beside it writes"):
        app.invoke({"draft": TEXT}, config)
    assert (model.asked, pending(app, config)) == ([], [])


@pytest.mark.parametrize("name", ["edit", "other"])
def test_one_of_two_of_one_key(name: str) -> None:
    builder: Builder = StateGraph(State)
    for each in ("edit", "other"):
        co_edit(builder, each, "draft", suggest=Told([]), approved=END, rejected=END)
    builder.add_conditional_edges(START, lambda _: name, ["edit", "other"])
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": TEXT}, config)
    values = app.invoke(resume(pending(app, config)[0], Approve()), config)
    assert approved(values, "draft", gate=f"{name}_text") == TEXT


def test_two_of_one_key_after_each_other() -> None:
    builder: Builder = StateGraph(State)
    co_edit(builder, "edit", "draft", suggest=Told([TYPO]), approved="other", rejected=END)
    co_edit(builder, "other", "draft", suggest=Told([PLACE]), approved=END, rejected=END)
    builder.add_edge(START, "edit")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": TEXT}, config)
    while waiting := pending(app, config):
        values = app.invoke(resume(waiting[0], Approve()), config)
    assert approved(values, "draft") == "It was a great day. We went out."


class Bare(BaseModel):
    draft: str = ""


class Doubled(State, total=False):
    edit_history: Annotated[list[Any], operator.add]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"suggest": 5}, "suggest= must be a function or a Runnable"),
        ({"max_rounds": 0}, "max_rounds"),
        ({"max_rounds": True}, "max_rounds"),
        ({"reads": ["sum"]}, "reads the state key 'sum'"),
        ({"context": ["sum"]}, "reads the state key 'sum'"),
        ({"context": 5}, "context takes a list"),
        ({"reads": [5]}, "reads takes a list"),
        ({"reads": ["reviews"]}, "reads the state key 'reviews'"),
        ({"reads": ["text"]}, "reads: 'text'"),
        ({"reads": ["tone", "history"]}, "reads: 'history'"),
        ({"reads": ["hitl_turn"]}, "reads the state key 'hitl_turn'"),
        ({"context": ["hitl_turn"]}, "reads the state key 'hitl_turn'"),
        ({"context": ["changes"]}, "context: 'changes'"),
        ({"timed_out": "expert"}, "timed_out= has no effect"),
        ({"schema": Doubled}, "'edit_history' has a reducer"),
        ({"timeout": "1h"}, "timeout has no effect without inbox="),
        ({"schema": Bare}, "needs the key 'review'"),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        built(**options)


@pytest.mark.parametrize("key", ["sum", "reviews", " ", 5])
def test_the_key_is_one_of_the_state(key: Any) -> None:
    builder: Builder = StateGraph(State)
    with pytest.raises(GateError, match=r"key|reducer"):
        co_edit(builder, "edit", key, suggest=Told([]), approved="a", rejected="b")


@pytest.mark.parametrize("key", ["edit_history", "hitl_turn", "hitl_suggestions"])
def test_the_key_is_none_that_the_node_writes_itself(key: str) -> None:
    schema = typed_dict("State", {key: str, "review": LatestReview, "reviews": AllReviews})
    builder: Builder = StateGraph(schema)
    with pytest.raises(GateError, match=f"'edit': {key!r} is a key that it writes itself"):
        co_edit(builder, "edit", key, suggest=Told([]), approved="a", rejected="b")


def test_a_key_and_a_node_inside_cannot_have_one_name() -> None:
    class Other(ReviewState):
        edit_text: str

    builder: Builder = StateGraph(Other)
    with pytest.raises(GateError, match="has a node 'edit_text' inside"):
        co_edit(builder, "edit", "edit_text", suggest=Told([]), approved="a", rejected="b")


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(GateError, match="co_edit: unknown option 'colour'; known: suggest, "):
        built(colour="red")


def test_a_default_error_handler_is_refused() -> None:
    builder: Builder = StateGraph(State)
    builder.set_node_defaults(error_handler=lambda state, error: None, retry_policy=RetryPolicy())
    with pytest.raises(GateError, match="default error_handler"):
        co_edit(builder, "edit", "draft", suggest=Told([]), approved="a", rejected="b")


def test_it_draws_as_one_node_and_inside_with_its_rounds() -> None:
    app = built(exhausted="expert").compile()
    drawn = {(edge.source, edge.target): edge.data for edge in app.get_graph().edges}
    assert drawn["edit", "publish"] == "approved"
    assert drawn["edit", "archive"] == "rejected, timed_out"
    assert drawn["edit", "expert"] == "needs_revision"
    inside = {(e.source, e.target) for e in app.get_graph(xray=1).edges}
    assert {
        ("edit:edit_suggest", "edit:edit_suggestions"),
        ("edit:edit_suggest", "edit:edit_text"),
        ("edit:edit_suggestions", "edit:edit_apply"),
        ("edit:edit_apply", "edit:edit_suggestions"),
        ("edit:edit_apply", "edit:edit_suggest"),
        ("edit:edit_apply", "edit:edit_text"),
        ("edit:edit_text", "edit:edit_note"),
        ("edit:edit_note", "edit:edit_suggest"),
        ("edit:edit_note", "edit:__end__"),
    } <= inside
