"""The notebooks run without network and key, and print what is stored in them."""

import base64
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

PREPARE = """
import os, socket
import matplotlib.font_manager  # where it has no font cache yet, it says so here and nowhere else
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
    """What each code cell prints; drawings and pictures are left out."""
    return ["".join(map(_text, cell.get("outputs", ()))) for cell in notebook.cells]


def pictures(notebook: Any) -> list[int]:
    """How many pictures each cell shows; their pixels depend on the machine."""
    return [sum(map(_is_picture, cell.get("outputs", ()))) for cell in notebook.cells]


def _is_picture(output: Any) -> bool:
    png = base64.b64decode(output.get("data", {}).get("image/png", ""))
    return png.startswith(b"\x89PNG") and len(png) > 5_000


def _text(output: Any) -> str:
    data = output.get("data", {})
    if "text/markdown" in data or "image/png" in data:
        return ""
    return str(output.get("text") or data["text/plain"])


def executed(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The notebook after a new kernel of this environment ran it, without what prepared it."""
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    notebook = stored(path)
    first: Any = nbformat.v4.new_code_cell(PREPARE)  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, first)
    client = NotebookClient(notebook, kernel_name="python3", timeout=120)
    ran = client.execute(cwd=str(path.parent))
    del ran.cells[0]
    return ran


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_prints_what_is_stored(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, kept = executed(path, monkeypatch), stored(path)
    assert printed(ran) == printed(kept)
    assert pictures(ran) == pictures(kept)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_ran_from_top_to_bottom_and_names_no_machine(path: Path) -> None:
    cells = [c for c in stored(path).cells if c.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    text = re.sub(r'"image/png": ".*?"', "", path.read_text())  # base64 may spell anything
    assert not any(place in text for place in ("/tmp", "/home", "/root", "/Users"))  # noqa: S108


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_that_draw_are_folded_and_no_other(path: Path) -> None:
    notebook = stored(path)
    folded = [
        cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in notebook.cells
    ]
    tagged = ["hide-input" in cell.metadata.get("tags", ()) for cell in notebook.cells]
    assert folded == tagged == [count > 0 for count in pictures(notebook)]


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


def test_confidence_and_qa_shows_what_it_says() -> None:
    notebook = stored(FOLDER / "02_confidence_and_qa.ipynb")
    text = "\n".join(printed(notebook))
    for expected in (
        "455 held out\nwrong: 40 of 455, 8.8 %",
        "The confidence 0.5283 is below 0.8.",
        "reported:   malignant\noutcome:    answered\ndecided by: dr. lund",
        "check: auto_approved by system:trigger\n   The confidence 0.9997 is at least 0.8.",
        "nan < 0.8: False\nasked:     The confidence is NaN",
        "Not drawn for the sample of 20 %. Not flagged as high_risk or flagged_for_review.",
        "item_id: case-135\n  draw: 0.0642\n  rate: 0.2\n  salt: notebook",
        "subject:    malignant\nsame draw:  True\nnew review: True",
        "qa: needs_revision by dr. lund\nqa: approved by dr. lund\nreported:   malignant",
        "same draw again: True",
        "wrong reports: 9 of 455; by the model alone: 40",
        "a person sees 76 of 455, 16.7 %\nwrong among the 379 that pass: 13, 3.4 %",
        "drawn: 80, failed QA: 4\nestimate: 5.0 %, 95 % interval 1.4 % to 12.3 %\ntruth:    3.4 %",
        "40 by the model alone, 13 after escalation, 9 after both",
    ):
        assert expected in text
    assert sum(pictures(notebook)) == 4


def test_agents_and_tools_shows_what_it_says() -> None:
    notebook = stored(FOLDER / "03_agents_and_tools.ipynb")
    text = "\n".join(printed(notebook))
    for expected in (
        "paid so far: [('Stamps', 35)]",
        "Reject  Lamps       paid: [('Stamps', 35), ('Chairs Inc', 900)]",
        'It ran with the arguments {"to": "Power AG", "amount": 430}',
        "call-5: A person refused this call of `pay`: paid last week",
        "call-6: This call of `pay`, with the same arguments, was refused before.",
        "('Power AG', 430), ('Stamps', 35)] 1485",
        "eve: it takes the role 'finance'\nfay: pending\ngil: applied",
        "executed system:graph",
        "(the van is sold)\nthe van sold for 70",
        "the house not sold: A person refused this call",
        "holiday: 'holiday' is not offered",
        "tool:  travel",
    ):
        assert expected in text
    assert "(the house is sold)" not in text
    assert sum(pictures(notebook)) == 1


def test_quorum_chains_and_deadlines_shows_what_it_says() -> None:
    notebook = stored(FOLDER / "04_quorum_chains_and_deadlines.ipynb")
    text = "\n".join(printed(notebook))
    for expected in (
        "sue: Approve -> pending (1 more, the vote of ciso)\n" * 2,
        "now it is done: open port 443\nsid: Approve -> applied (approved)\nsam: AlreadyDecided",
        "sid: Reject -> applied (rejected)",
        "Mon 12:59 member: ann, bea, leo, dan\nMon 13:00 lead: bea, dan\nann: NotAuthorised",
        "dan: Edit -> applied (edited)\npaid: 400",
        "leo {'level': 'lead', 'acting_for': 'bea'}",
        "dan: Expired, timed_out by system:deadline",
        "timed_out by system:deadline\npaid: 0",
        "dan: it takes the role 'board'\neva: rejected, ()\neva: edited, ('overruled', 'recall')",
        "f: timed_out system:deadline paid: 0",
        "['100 back from i: the same parrot again']",
        "ok: True - rows: 97\nok: False - audit row 19 was changed",
    ):
        assert expected in text
    assert text.count("now it is done") == 1
    assert sum(pictures(notebook)) == 2


def test_complete_workflow_shows_what_it_says() -> None:
    notebook = stored(FOLDER / "05_complete_workflow.ipynb")
    text = "\n".join(printed(notebook))
    for expected in (
        "learnt from 200 digits; 400 come in, the model misreads 26",
        "ask_human - The complexity 1 is above 0.95.\nsent: None",
        "human_approval - release 4\nsent: 4\n  expert: answered by ann",
        "sure and wrong: 6, of which drawn: 1",
        "read: 5\nDrawn for the sample of 25 %. - read: 8\nsent: 8 - true: 8",
        " 252 complexity_check > process > confidence_check > qa_sample > approval > release",
        "   3 complexity_check > expert > decision > log_and_learn",
        "human_qa > feedback > revision > qa_sample > human_qa > approval > release",
        "model alone:  26 of 400 wrong\nthe workflow: 8 of 393 wrong, 7 not sent",
        "ann 59, bob 59, cem 93",
        "decision: rejected by bob (Every case is reviewed): I read a 9.",
    ):
        assert expected in text
    assert sum(pictures(notebook)) == 3
