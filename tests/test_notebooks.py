"""The notebooks run without network and key, and print what is stored in them."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

NO_NETWORK = """
import os, socket
for name in [name for name in os.environ if name.endswith("_API_KEY")]:
    del os.environ[name]
def refuse(*args, **kwargs):
    raise OSError("a notebook used the network")
socket.getaddrinfo = socket.create_connection = refuse
"""


def stored(path: Path) -> Any:
    """The notebook as it is in the repository."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def printed(notebook: Any) -> list[str]:
    """What each code cell prints; drawings are left out."""
    return ["".join(map(_text, cell.get("outputs", ()))) for cell in notebook.cells]


def _text(output: Any) -> str:
    data = output.get("data", {})
    if "text/markdown" in data:
        return ""
    return str(output.get("text") or data["text/plain"])


def executed(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The notebook after a new kernel of this environment ran it."""
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    notebook = stored(path)
    first: Any = nbformat.v4.new_code_cell(NO_NETWORK)  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, first)
    client = NotebookClient(notebook, kernel_name="python3", timeout=120)
    return client.execute(cwd=str(path.parent))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_prints_what_is_stored(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, kept = printed(executed(path, monkeypatch)), printed(stored(path))
    assert [text for text in ran if text] == [text for text in kept if text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_ran_from_top_to_bottom_and_names_no_machine(path: Path) -> None:
    cells = [c for c in stored(path).cells if c.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    text = path.read_text()
    assert not any(place in text for place in ("/tmp", "/home", "/root", "/Users"))  # noqa: S108


def test_approval_and_revision_shows_what_it_says() -> None:
    text = "\n".join(printed(stored(FOLDER / "01_approval_and_revision.ipynb")))
    for expected in (
        "KeyError: 'type'\n" * 3,
        "unknown decision type None",
        "the answer is for round 3, asked is 0",
        "outcome:    approved\ndecided by: maria",
        "edited\n@@ -1,3 +1,2 @@",
        "asked for: shorter",
        "round: 2 - revisions left: 0\noutcome: rejected - published: False",
        "Drifted: draft",
        "approved - Version 2 is out.",
        "sent: ['Version 2 is out.']\nimage -> rejected by jonas\npost -> approved by maria",
    ):
        assert expected in text
