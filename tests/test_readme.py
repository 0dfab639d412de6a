"""The README is executed: its Python blocks run one after the other, its shell lines are real."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)


def test_the_python_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "readme"}
    blocks = [code for language, code in BLOCKS if language == "python"]
    assert len(blocks) >= 4
    for number, code in enumerate(blocks):
        exec(compile(code, f"README.md, block {number}", "exec"), namespace)  # noqa: S102  # ours
    assert "posts.sqlite" in {path.name for path in tmp_path.iterdir()}


def test_the_quick_start_has_the_two_commands() -> None:
    quick_start = README.read_text().split("## Quick start", 1)[1]
    language, code = re.findall(r"^```(\w+)\n(.*?)^```$", quick_start, re.DOTALL | re.MULTILINE)[0]
    assert language == "bash"
    assert code.splitlines() == [
        'pip install ".[cli]" && langgraph-hitl demo',
        'pip install -e ".[test]" && pytest',
    ]


def test_what_the_readme_names_exists() -> None:
    text = README.read_text()
    for path in re.findall(
        r"`((?:notebooks|benchmarks|examples|docs|langgraph_hitl|\.ci)/[\w./]*)`", text
    ):
        assert (README.parent / path).exists(), path
