"""Deciding from the command line: what is bound to what, who acts, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.project import APP, AS_MARIA, URL, Project, flow, one_line_without_traceback
from tests.commands.test_reconcile import WATCHED


@pytest.mark.parametrize(
    ("verb", "outcome", "effects"),
    [
        (("approve", "{}"), "approved", ["published"]),
        (("reject", "{}", "-m", "not now"), "rejected", ["archived"]),
        (("edit", "{}", "--value", "Bye"), "edited", ["published"]),
    ],
)
def test_a_decision_is_made_and_its_graph_resumed(
    project: Project, verb: tuple[str, ...], outcome: str, effects: list[str]
) -> None:
    [review_id] = project.start("Hello")
    done = project.run(*(word.format(review_id) for word in verb), *APP, *AS_MARIA)
    assert done.status == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("Acting as maria\n")
    assert project.effects == effects
    after = project.review(review_id)
    assert (after.status, after.outcome, after.decided_by) == ("applied", outcome, "maria")
    assert [row.channel for row in project.inbox.history(review_id)][1] == "cli"


def test_a_new_version_is_asked_for_and_named(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("revise", review_id, "louder", *APP, *AS_MARIA)
    assert done.status == 0
    assert f"A new version waits, round 1: {review_id}" in done.stderr
    assert project.review(review_id).request["subject"] == "Hello!"


def test_json_gives_one_document_and_what_nodes_print_stays_out(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("approve", review_id, *APP, *AS_MARIA, "--role", "editors", "--json")
    assert done.document["by"] == {"id": "maria", "roles": ["editors"]}
    assert done.document["review"]["status"] == "applied"
    assert "published\n" in done.stderr


def test_the_words_can_come_from_the_standard_input(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("reject", review_id, "-m", "-", *APP, *AS_MARIA, stdin="a\nreason\n")
    assert done.status == 0
    [settled] = [row for row in project.inbox.history(review_id) if row.event == "settled"]
    assert settled.content["decision"]["message"] == "a\nreason"


class TestBoundToWhatWasShown:
    def test_the_digest_of_show_is_what_seen_takes(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        digest = project.run("show", review_id, *APP, "--json").document["digest"]
        done = project.run("approve", review_id, *APP, "--as", "maria", "--seen", digest)
        assert done.status == 0

    def test_another_version_is_refused(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        digest = project.review(review_id).digest
        project.run("revise", review_id, "louder", *APP, "--as", "jo", "--yes")
        done = project.run("approve", review_id, *APP, "--as", "maria", "--seen", digest, "--json")
        assert done.status == 3
        one_line_without_traceback(done, [review_id, "round 1"])
        assert done.document["error"]["kind"] == "StaleReview"
        assert done.document["error"]["digest"] == project.review(review_id).digest
        assert project.review(review_id).status == "pending"

    def test_nobody_is_asked_where_nobody_is(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        for command in (["approve"], ["reject"], ["edit", "--value", "x"]):
            done = project.run(*command, review_id, *APP, "--as", "maria", stdin="y\n")
            assert done.status == 2
            one_line_without_traceback(done, ["--seen", "--yes"])
        done = project.run("cancel", review_id, *APP, "--as", "maria", stdin="y\n")
        assert done.status == 2
        assert project.review(review_id).status == "pending"


class TestOnce:
    def test_who_was_first_is_told(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.run("approve", review_id, *APP, *AS_MARIA)
        done = project.run("reject", review_id, *APP, "--as", "jo", "--yes", "--json")
        assert done.status == 3
        one_line_without_traceback(done, ["approved by maria"])
        assert done.document["error"]["by"] == "maria"
        assert done.document["error"]["outcome"] == "approved"
        assert project.effects == ["published"]

    def test_a_cancelled_review_is_over(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("cancel", review_id, "-m", "old", *APP, *AS_MARIA)
        assert done.status == 0
        assert project.review(review_id).outcome == "cancelled"
        assert project.effects == ["archived"]
        assert project.run("cancel", review_id, *APP, *AS_MARIA).status == 3


class TestWhoActs:
    def test_nobody_is_guessed(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("approve", review_id, *APP, "--yes")
        assert done.status == 2
        one_line_without_traceback(done, ["--as NAME"])
        assert project.review(review_id).status == "pending"

    def test_the_configuration_says_who(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.write("langgraph-hitl.toml", 'as = "maria"\nroles = ["editors"]')
        done = project.run("approve", review_id, *APP, "--yes")
        assert done.stderr.startswith("Acting as maria (editors), from langgraph-hitl.toml\n")
        assert project.review(review_id).decided_by == "maria"

    def test_roles_of_the_configuration_are_of_whom_it_names(self, empty: Project) -> None:
        empty.write("flow.py", flow(options="reviewers='editors'"))
        empty.write("langgraph-hitl.toml", 'as = "maria"\nroles = ["editors"]')
        [review_id] = empty.start("Hello")
        done = empty.run("approve", review_id, *APP, "--as", "jo", "--yes")
        assert done.status == 4
        assert done.stderr.startswith("Acting as jo\n")
        one_line_without_traceback(done, ["jo may not decide it", "'editors'"])
        assert empty.run("approve", review_id, *APP, "--yes").status == 0

    @pytest.mark.parametrize("name", ["", "  ", "direct", "*", "system:deadline", "a\x00b"])
    def test_a_name_that_is_none(self, project: Project, name: str) -> None:
        [review_id] = project.start("Hello")
        done = project.run("approve", review_id, *APP, "--as", name, "--yes")
        assert done.status == 2
        one_line_without_traceback(done, ["--as"])


class TestPanels:
    def test_a_vote_is_counted_until_it_is_certain(self, empty: Project) -> None:
        empty.write("flow.py", flow(options="reviewers=quorum(2, of='editors')"))
        [review_id] = empty.start("Hello")
        first = empty.run("approve", review_id, *APP, *AS_MARIA, "--role", "editors")
        assert "Your vote is counted" in first.stderr
        assert empty.effects == []
        second = empty.run("approve", review_id, *APP, "--as", "jo", "--role", "editors", "--yes")
        assert second.status == 0
        assert empty.effects == ["published"]

    def test_somebody_abstains(self, empty: Project) -> None:
        empty.write("flow.py", flow(options="reviewers=quorum(2, of='editors')"))
        [review_id] = empty.start("Hello")
        done = empty.run("abstain", review_id, "-m", "mine", *APP, *AS_MARIA, "--role", "editors")
        assert done.status == 0, done.stderr
        assert "Your vote is counted" in done.stderr

    def test_a_vote_says_what_is_still_needed(self, empty: Project) -> None:
        empty.write("flow.py", flow(options="reviewers=quorum(2, of='editors')"))
        [review_id] = empty.start("Hello")
        for _ in range(2):
            done = empty.run("approve", review_id, *APP, *AS_MARIA, "--role", "editors")
            assert "still waits for others: 1 more" in " ".join(done.stderr.split())


class TestQuestions:
    def test_an_answer(self, empty: Project) -> None:
        gate = "ask_human('Which name?', inbox=inbox)"
        empty.write("flow.py", flow(gate=gate, ways="answered='publish', rejected='archive'"))
        [review_id] = empty.start("")
        done = empty.run("respond", review_id, "Otto", *APP, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert empty.review(review_id).outcome == "answered"

    def test_an_answer_as_json_where_no_schema_says_so(self, empty: Project) -> None:
        empty.write("flow.py", WATCHED)
        module = empty.module()
        config: Any = {"configurable": {"thread_id": "t"}}
        module.graph.invoke({}, config)
        (review,) = module.inbox.pending()
        for wrong in ([], ["veg", "--value", "{}"], ["--value", "{"]):
            done = empty.run("respond", review.id, *wrong, *APP, *AS_MARIA)
            assert done.status == 2
        done = empty.run("respond", review.id, "--value", '{"choice": "veg"}', *APP, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert module.graph.get_state(config).values["ran"] == [{"choice": "veg"}, "after"]

    def test_a_choice(self, empty: Project) -> None:
        gate = "ask_human('Which?', answer=Choice('a', 'b'), inbox=inbox)"
        empty.write("flow.py", flow(gate=gate, ways="chosen='publish', rejected='archive'"))
        [review_id] = empty.start("")
        wrong = empty.run("choose", review_id, "c", *APP, *AS_MARIA)
        assert wrong.status == 2
        done = empty.run("choose", review_id, "b", *APP, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert empty.review(review_id).outcome == "chosen"


class TestItems:
    LIST = "plan_approval('draft', inbox=inbox)"
    WAYS = "approved='publish', partial='publish', rejected='archive'"

    def test_some_now_and_the_rest_later(self, empty: Project) -> None:
        empty.write("flow.py", flow(gate=self.LIST, ways=self.WAYS))
        [review_id] = empty.start([{"id": "a"}, {"id": "b"}, {"id": "c"}])
        first = empty.run("items", review_id, "b=reject:paid twice", *APP, *AS_MARIA)
        assert first.status == 0, first.stderr
        assert "A new version waits, round 1" in first.stderr
        page = empty.run("show", review_id, *APP).stdout
        assert "b: reject by maria: paid twice" in page
        last = empty.run("items", review_id, "a=approve", 'c={"id": "c", "n": 1}', *APP, *AS_MARIA)
        assert last.status == 0, last.stderr
        review = empty.review(review_id)
        assert (review.status, review.outcome) == ("applied", "partial")

    @pytest.mark.parametrize(
        ("verdict", "said"),
        [
            ("x=approve", "there is no item 'x'; open: a"),
            ("a=fine", "neither a verdict nor JSON"),
            ("a", "is no verdict"),
            ('a={"id": "b"}', "the whole item"),
        ],
    )
    def test_what_does_not_fit_decides_nothing(
        self, empty: Project, verdict: str, said: str
    ) -> None:
        empty.write("flow.py", flow(gate=self.LIST, ways=self.WAYS))
        [review_id] = empty.start([{"id": "a"}])
        done = empty.run("items", review_id, verdict, *APP, *AS_MARIA)
        assert done.status == 2
        one_line_without_traceback(done, [said])
        assert empty.review(review_id).status == "pending"


class TestAnswersThatDoNotFit:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["revise", "{}"], "not blank"),
            (["revise", "{}", "  "], "not blank"),
            (["respond", "{}", "me"], "respond is not allowed here"),
            (["choose", "{}", "a"], "choose is not allowed here"),
            (["approve", "{}", "--rating", "fine"], "no rating 'fine'"),
            (["approve", "{}", "-m", "a\x00b"], "NUL"),
            (["reject", "{}", "-m", "\udcff"], "surrogate"),
        ],
    )
    def test_nothing_is_decided(self, project: Project, arguments: list[str], said: str) -> None:
        [review_id] = project.start("Hello")
        done = project.run(*(word.format(review_id) for word in arguments), *APP, *AS_MARIA)
        assert done.status == 2
        one_line_without_traceback(done, [said])
        assert project.review(review_id).status == "pending"

    @pytest.mark.parametrize(
        "command", [["respond", "{"], ["choose", ""], ["edit", "--value", "{"]]
    )
    def test_what_is_not_allowed_is_said_before_the_value_is_read(
        self, empty: Project, command: list[str]
    ) -> None:
        gate = "human_approval('draft', inbox=inbox, allowed_decisions=['approve', 'reject'])"
        empty.write("flow.py", flow(gate=gate))
        [review_id] = empty.start({"amount": 1})
        verb, *rest = command
        done = empty.run(verb, review_id, *rest, *APP, *AS_MARIA)
        assert done.status == 2
        said = f"{verb} is not allowed here; allowed: approve, reject"
        one_line_without_traceback(done, [said])

    def test_input_that_is_no_text(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("revise", review_id, "-", *APP, *AS_MARIA, stdin=b"\xff\xfe")
        assert done.status == 2
        one_line_without_traceback(done, ["not UTF-8"])


class TestWhoResumes:
    def test_without_the_graph_it_is_left_to_a_worker(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("approve", review_id, "--inbox", URL, *AS_MARIA)
        assert done.status == 0
        assert "langgraph-hitl work" in done.stderr.replace("\n", " ")
        assert "'posts' is not given here" in done.stderr
        assert project.review(review_id).status == "settled"
        assert project.effects == []

    def test_it_can_be_left_to_a_worker_on_purpose(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("approve", review_id, *APP, "--resume", "worker", *AS_MARIA)
        assert done.status == 0
        assert project.effects == []

    @pytest.mark.parametrize("verb", ["approve", "cancel"])
    def test_then_the_graph_of_the_configuration_is_not_missed(
        self, project: Project, verb: str
    ) -> None:
        [review_id] = project.start("Hello")
        text = f'inbox = "{URL}"\napps = ["flow:graph"]'
        project.write("langgraph-hitl.toml", text)
        done = project.run(verb, review_id, "--resume", "worker", *AS_MARIA)
        assert done.status == 0
        assert "not given here" not in done.stderr
        assert "A worker goes on with it: langgraph-hitl work" in done.stderr

    def test_a_graph_that_was_asked_for_and_is_another_one(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.write("other.py", OTHER)
        given = ("--inbox", URL, "--app", "other:graph")
        done = project.run("approve", review_id, *given, *AS_MARIA)
        assert done.status == 1
        one_line_without_traceback(done, ["'posts'", "'others'"])
        assert project.review(review_id).status == "pending"

    def test_a_run_that_fails_leaves_the_decision(self, empty: Project) -> None:
        text = flow().replace('builder.add_node("publish", note("published"))', FAILING)
        empty.write("flow.py", text)
        [review_id] = empty.start("Hello")
        done = empty.run("approve", review_id, *APP, *AS_MARIA)
        assert done.status == 6
        one_line_without_traceback(done, ["The decision stands", "no paper"])
        assert empty.review(review_id).decided_by == "maria"


OTHER = """
import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph_hitl import human_approval
from langgraph.graph import START, StateGraph
from langgraph_hitl import ReviewState, add_review
from langgraph_hitl.inbox import Inbox
class State(ReviewState):
    text: str
inbox = Inbox.open("sqlite:///reviews.db")
connection = sqlite3.connect("others.db", check_same_thread=False)
builder = StateGraph(State)
add_review(builder, "gate", human_approval("text", inbox=inbox), approved="end", rejected="end")
builder.add_node("end", lambda state: {})
builder.add_edge(START, "gate")
graph = inbox.register(builder.compile(checkpointer=SqliteSaver(connection)), "others")
"""
FAILING = """
def publish(state: State) -> dict[str, Any]:
    raise OSError("no paper")
builder.add_node("publish", publish)
"""


FOREIGN = """
import sqlite3

from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl.inbox import Inbox
from tests.inbox.foreign.agents import agent, mail
from tests.inbox.foreign.graphs import one_after_the_other

inbox = Inbox.open("sqlite:///reviews.db")
connection = sqlite3.connect("threads.db", check_same_thread=False)
saver = SqliteSaver(connection)
mails = inbox.watch(agent(saver, [[mail("ann"), mail("bob")]], lambda *_: None), "mails")
steps = one_after_the_other("a", "b").compile(checkpointer=saver, interrupt_before=["b"])
stop = inbox.watch(steps, "stop")
"""


class TestGraphsOfOthers:
    APPS = ("--app", "flow:mails", "--app", "flow:stop")

    def ask(self, project: Project) -> Any:
        project.write("flow.py", FOREIGN)
        module = project.module()
        module.mails.invoke({"messages": [("user", "go")]}, {"configurable": {"thread_id": "m"}})
        module.stop.invoke({}, {"configurable": {"thread_id": "s"}})
        return module.inbox

    def test_one_call_of_several_waits_for_the_others(self, empty: Project) -> None:
        first, second = self.ask(empty).pending(graph="mails")
        done = empty.run("approve", first.id, *self.APPS, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert f"The graph waits for the rest of its question: {second.id}" in " ".join(
            done.stderr.split()
        )
        done = empty.run("approve", second.id, *self.APPS, *AS_MARIA)
        assert "The graph has gone on." in done.stderr

    def test_a_breakpoint_that_is_rejected_stays(self, empty: Project) -> None:
        (review,) = self.ask(empty).pending(graph="stop")
        done = empty.run("reject", review.id, *self.APPS, *AS_MARIA)
        assert "The graph stays at its breakpoint." in done.stderr

    def test_the_list_names_the_graphs_where_there_are_several(self, empty: Project) -> None:
        self.ask(empty)
        whole = empty.run("inbox", "--inbox", URL).stdout
        assert "graph" in whole.splitlines()[0]
        only = empty.run("inbox", "--inbox", URL, "--graph", "stop", "--json").document
        assert [each["graph"] for each in only["reviews"]] == ["stop"]
        assert empty.run("inbox", "--inbox", URL, "--graph", "x", "--decided").status == 0
