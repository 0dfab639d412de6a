"""Where graphs come from: modules, files, functions, `langgraph.json`; and what is wrong there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.project import (
    APP,
    AS_MARIA,
    URL,
    Project,
    finish,
    flow,
    one_line_without_traceback,
)

AT = ("--inbox", URL)

FACTORIES = {
    "function": "def make():\n    return graph",
    "with a configuration": "def make(config):\n    assert config['configurable'] == {}\n"
    "    return graph",
    "keyword only": "def make(*, config):\n    return graph",
    "asynchronous": "async def make():\n    return graph",
    "context": "from contextlib import contextmanager\n@contextmanager\ndef make():\n"
    "    yield graph\n    note('closed')({})",
    "asynchronous context": "from contextlib import asynccontextmanager\n@asynccontextmanager\n"
    "async def make():\n    yield graph\n    note('closed')({})",
    "in a class": "class make:\n    def __new__(cls):\n        return graph",
}


@pytest.mark.parametrize(
    "given", ["flow:graph", "flow.py:graph", "./flow.py:graph", "x=flow:graph"]
)
def test_where_a_graph_is(project: Project, given: str) -> None:
    [review_id] = project.start("Hello")
    done = project.run("approve", review_id, "--app", given, *AS_MARIA)
    assert done.status == 0, done.stderr
    assert project.effects == ["published"]


@pytest.mark.parametrize("factory", list(FACTORIES))
def test_a_function_that_makes_it(empty: Project, factory: str) -> None:
    empty.write("flow.py", f"{flow()}\n{FACTORIES[factory]}\n")
    [review_id] = empty.start("Hello")
    done = empty.run("approve", review_id, "--app", "flow:make", *AS_MARIA)
    assert done.status == 0, done.stderr
    assert empty.effects == ["published", *(["closed"] * ("context" in factory.split()))]


def test_a_graph_that_nobody_has_registered_keeps_its_own_name(empty: Project) -> None:
    module = flow(graph="plain.name = 'posts'\ngraph = plain")
    empty.write("flow.py", f"{module}\nif True:\n    first = inbox\n")
    empty.write("first.py", "from flow import inbox, plain\ngraph = inbox.register(plain)\n")
    empty.module("first")
    [review_id] = empty.start("Hello")
    assert empty.review(review_id).graph == "posts"
    done = empty.run("approve", review_id, *APP, *AS_MARIA)
    assert done.status == 0, done.stderr


def test_a_file_in_a_package_may_import_its_neighbours(empty: Project) -> None:
    empty.write("shop/__init__.py", "")
    empty.write("shop/parts/__init__.py", "")
    empty.write("shop/parts/words.py", "NAME = 'posts'")
    empty.write(
        "shop/parts/flow.py",
        flow(graph="from .words import NAME\ngraph = inbox.register(plain, NAME)"),
    )
    empty.module("shop.parts.flow")
    done = empty.run("inbox", "--app", "shop/parts/flow.py:graph")
    assert (done.status, done.stderr) == (0, "Nothing waits.\n")
    assert empty.run("inbox", "--app", "shop.parts.flow:graph").status == 0


def test_a_file_whose_name_is_taken(empty: Project) -> None:
    empty.write("graphs/json.py", flow())
    done = empty.run("inbox", "--app", "graphs/json.py:graph")
    assert done.status == 0, done.stderr
    assert json.__file__ is not None


class TestGraphsFile:
    def test_its_graphs_are_found_in_the_folder(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.write("langgraph.json", graphs(posts="./flow.py:graph"))
        assert project.run("show", review_id).status == 0
        done = project.run("approve", review_id, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert project.effects == ["published"]

    def test_it_can_be_elsewhere(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        path = project.write("sub/graphs.json", graphs(posts={"path": "../flow.py:graph"}))
        done = project.run("approve", review_id, "--config", str(path), *AS_MARIA)
        assert done.status == 0, done.stderr

    def test_its_folder_is_on_the_path_and_its_environment_is_not_read(
        self, empty: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty.write("lib/words.py", "NAME = 'posts'")
        empty.write("src/flow.py", "from words import NAME\n" + flow())
        empty.write(".env", "LANGGRAPH_HITL_INBOX=sqlite:///else.db")
        content = json.loads(graphs(posts="./src/flow.py:graph"))
        content["dependencies"] = [".", "./lib", "langchain"]
        content["env"] = ".env"
        empty.write("langgraph.json", json.dumps(content))
        done = empty.run("inbox")
        assert (done.status, done.stderr) == (0, "Nothing waits.\n")

    def test_a_graph_without_a_name_has_that_of_its_key(self, empty: Project) -> None:
        empty.write("flow.py", flow(graph="graph = plain"))
        empty.write("langgraph.json", graphs(posts="./flow.py:graph"))
        done = empty.run("work", "--once")
        assert "Working on posts." in done.stderr

    def test_graphs_of_others_are_left_alone(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.write("other.py", "from flow import builder\nbare = builder.compile()\n" + PLAIN)
        entries = graphs(posts="./flow.py:graph", bare="./other.py:bare", js="./a.ts:graph")
        entries = entries.replace("}}", ', "none": "./other.py:none"}}')
        project.write("langgraph.json", entries)
        done = project.run("approve", review_id, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert "no checkpointer" in done.stderr
        assert "no gate of this graph" in done.stderr

    def test_a_review_of_another_graph_is_left_to_a_worker(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.write("other.py", PLAIN)
        project.write("langgraph.json", graphs(none="./other.py:none"))
        done = project.run("approve", review_id, *AT, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert project.review(review_id).status == "settled"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("{", "no JSON"),
            ("[]", '"graphs"'),
            ("{}", '"graphs"'),
            ('{"graphs": []}', '"graphs"'),
            ('{"graphs": {"a": 1}}', "'a'"),
            ('{"graphs": {"a": {"paths": "x"}}}', "'a'"),
            ('{"graphs": {"a": "./flow.py"}}', "'a'"),
            ('{"graphs": {"a": "./flow.py:graph", "a": "x"}}', "stands twice"),
            ('{"graphs": {}, "dependencies": "."}', "dependencies"),
            ('{"graphs": {"a": "./gone.py:graph"}}', "no file"),
            ("\x00", "no JSON"),
            ('{"graphs": ' + "[" * 100_000, "nested"),
        ],
    )
    def test_a_broken_one_decides_nothing(self, project: Project, content: str, said: str) -> None:
        [review_id] = project.start("Hello")
        project.write("langgraph.json", content)
        done = project.run("approve", review_id, *AT, *AS_MARIA)
        assert done.status in (1, 2)
        one_line_without_traceback(done, [said])
        assert project.review(review_id).status == "pending"
        assert project.run("show", review_id, *AT).status == 0


class TestWhatIsNoGraph:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("flow", "module:graph"),
            ("flow:", "module:graph"),
            (":graph", "module:graph"),
            ("flow:gra ph", "module:graph"),
            ("fl ow:graph", "does not name a module"),
            ("flow:graph\x00", "NUL"),
            ("nothing:graph", "No module named 'nothing'"),
            ("nothing.py:graph", "no file"),
            ("flow:nothing", "has no 'nothing'"),
            ("flow:builder", "is not compiled"),
            ("flow:URL", "is no graph but str"),
            ("flow:unsaved", "no checkpointer"),
            ("flow:none", "no gate of this graph files with an inbox"),
            ("flow:wants_much", "takes more than a configuration"),
            ("flow:raises", "RuntimeError: no key"),
            ("flow:gives_nothing", "is no graph but NoneType"),
            ("broken:graph", "SyntaxError"),
            ("raising:graph", "ZeroDivisionError"),
            ("leaving:graph", "SystemExit"),
            ("flow:two", "2 inboxes"),
        ],
    )
    def test_is_said_in_one_line_and_nothing_is_decided(
        self, empty: Project, given: str, said: str
    ) -> None:
        empty.write("flow.py", flow() + PLAIN + BAD)
        empty.write("broken.py", "graph = (")
        empty.write("raising.py", "1 / 0")
        empty.write("leaving.py", "raise SystemExit('bye')")
        [review_id] = empty.start("Hello")
        done = empty.run("approve", review_id, "--app", given, *AS_MARIA)
        assert done.status in (1, 2)
        one_line_without_traceback(done, [said])
        assert empty.review(review_id).status == "pending"
        assert empty.effects == []

    def test_its_inbox_is_another_one(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        Path("copy.db").write_bytes(b"")
        project.module().Inbox.open("sqlite:///copy.db").close()
        done = project.run("approve", review_id, *APP, "--inbox", "sqlite:///copy.db", *AS_MARIA)
        assert done.status == 1
        one_line_without_traceback(done, ["another inbox"])
        assert project.review(review_id).status == "pending"

    def test_graphs_with_different_inboxes(self, project: Project) -> None:
        project.write("else_.py", flow().replace("reviews.db", "else.db"))
        done = project.run("inbox", *APP, "--app", "else_:graph")
        assert done.status == 2
        one_line_without_traceback(done, ["different inboxes"])

    def test_graphs_of_several_modules_with_one_inbox(self, project: Project) -> None:
        text = flow(graph="graph = inbox.register(plain, 'more')").replace("threads.db", "more.db")
        project.write("more.py", text)
        [review_id] = project.start("Hello")
        done = project.run("approve", review_id, "--app", "more:graph", *APP, *AS_MARIA)
        assert done.status == 0, done.stderr
        assert project.effects == ["published"]


class TestAsynchronous:
    def test_a_graph_with_an_asynchronous_saver(self, empty: Project) -> None:
        empty.write("flow.py", flow() + ASYNC)
        module = empty.module()
        module.ask("Hello")
        [review] = module.inbox.pending()
        done = empty.run("approve", review.id, "--app", "flow:amake", *AS_MARIA)
        assert done.status == 0, done.stderr
        assert empty.effects == ["published"]
        module.ask("Bye", "2")
        [review] = module.inbox.pending()
        assert empty.run("cancel", review.id, *AT, *AS_MARIA).status == 0
        done = empty.run("work", "--once", "--app", "flow:amake", "--json")
        assert done.document["driven"] == 1
        assert empty.effects == ["published", "archived"]

    def test_a_connection_that_a_function_leaves_open_does_not_keep_the_process(
        self, empty: Project
    ) -> None:
        empty.write("flow.py", flow() + ASYNC)
        empty.module().ask("Hello")
        done = finish(empty.spawn("work", "--once", "--app", "flow:connected"))
        assert done.status == 0, done.stderr

    def test_one_pass_has_one_face(self, empty: Project) -> None:
        empty.write("flow.py", flow() + ASYNC)
        done = empty.run("work", "--once", *APP, "--app", "flow:amake")
        assert done.status == 1
        one_line_without_traceback(done, ["asynchronous"])


def graphs(**entries: object) -> str:
    """The text of a `langgraph.json`."""
    return json.dumps({"dependencies": ["."], "graphs": entries})


PLAIN = """
import sqlite3
from typing_extensions import TypedDict
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
class Bare(TypedDict):
    a: str
bare_builder = StateGraph(Bare)
bare_builder.add_node("a", lambda state: {})
bare_builder.add_edge(START, "a")
connection_of_none = sqlite3.connect(":memory:", check_same_thread=False)
none = bare_builder.compile(checkpointer=SqliteSaver(connection_of_none))
"""
BAD = """
URL = "x"
unsaved = builder.compile()
def wants_much(a, b):
    return graph
def raises():
    raise RuntimeError("no key\\nmore")
def gives_nothing():
    return None
two_builder = StateGraph(State)
other_inbox = Inbox.open("sqlite:///other.db")
for name, each in (("one", inbox), ("two", other_inbox)):
    gate = human_approval("draft", inbox=each)
    add_review(two_builder, name, gate, approved=name + "_end", rejected=name + "_end")
    two_builder.add_node(name + "_end", lambda state: {})
two_builder.add_edge(START, "one")
two = two_builder.compile(checkpointer=SqliteSaver(connection))
"""
ASYNC = """
import asyncio
from contextlib import asynccontextmanager
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
@asynccontextmanager
async def amake():
    async with AsyncSqliteSaver.from_conn_string("threads.db") as saver:
        yield inbox.register(builder.compile(checkpointer=saver), "aposts")
async def connected(config):
    import aiosqlite
    saver = AsyncSqliteSaver(await aiosqlite.connect("threads.db"))
    return inbox.register(builder.compile(checkpointer=saver), "aposts")
def ask(draft, thread="1"):
    async def go():
        async with amake() as found:
            await found.ainvoke({"draft": draft}, {"configurable": {"thread_id": thread}})
    asyncio.run(go())
"""
