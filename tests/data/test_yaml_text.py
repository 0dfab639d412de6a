"""YAML is read by the rules of 1.2 as plain data, and whatever is more than that is refused."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl._data.yaml_text import MAX_BYTES, MAX_DEPTH, read_yaml
from langgraph_hitl.errors import GateError, MissingExtra


def value(text: str) -> Any:
    """What `key: <text>` gives."""
    return read_yaml(f"key: {text}\n")[0]["key"]


def refused(text: str | Path, message: str) -> None:
    with pytest.raises(GateError, match=f"^{re.escape(message)}"):
        read_yaml(text)


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "tRUE", "nan"])
def test_words_are_texts(word: str) -> None:
    assert value(word) == word


@pytest.mark.parametrize(
    "text", ["1:30", "12:00:00", "2026-03-01", "1_000", "0b11", "1.2.3", "=", "1e", ".", "+", "0x"]
)
def test_what_only_older_yaml_reads_is_a_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize("quoted", ["'5'", '"5"', "'true'", "'null'", "'.nan'", '""', "'<<'"])
def test_what_is_quoted_is_a_text(quoted: str) -> None:
    assert value(quoted) == quoted.strip("'\"")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0.8", 0.8),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("[]", []),
        ("{}", {}),
        ("[1, [a], {b: c}]", [1, ["a"], {"b": "c"}]),
    ],
)
def test_values_have_their_types(text: str, read: Any) -> None:
    found = value(text)
    assert found == read
    assert type(found) is type(read)


def test_nan_is_a_number_that_nobody_will_take() -> None:
    assert math.isnan(value(".nan"))


def test_blocks_are_texts() -> None:
    data, _ = read_yaml("a: |\n  5\n  6\nb: >-\n  one\n  two\nc:\n  - 1\n")
    assert data == {"a": "5\n6\n", "b": "one two", "c": [1]}


def test_every_value_knows_its_line() -> None:
    _, top = read_yaml("# first\na: 1\nb:\n  - x\n  - y: 2\n    z:\n      3\nc: {d: 4,\n  e: 5}\n")
    assert top.origin.lines == {
        (): 2,
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 1): 5,
        ("b", 1, "y"): 5,
        ("b", 1, "z"): 6,
        ("c",): 8,
        ("c", "d"): 8,
        ("c", "e"): 9,
    }
    assert str(top / "b" / 1 / "z") == "line 6, b[1].z"
    assert (top / "b" / 7 / "unknown").line == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "checkpoint: the document is empty"),
        ("# nothing\n\n", "checkpoint: the document is empty"),
        ("---\n...\n", "checkpoint: the document is empty"),
        ("null\n", "checkpoint: the document is empty"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document begins"),
        ("a: 1\na: 2\n", "line 2: 'a' stands twice, first in line 1"),
        ("a:\n  b: 1\n  c: 2\n  'b': 3\n", "line 4: 'b' stands twice, first in line 2"),
        ("a: {b: 1, b: 1}\n", "line 1: 'b' stands twice, first in line 1"),
        ("a: &x 1\nb: 2\n", "line 1: anchors and aliases are not read"),
        ("a: &x 1\nb: *x\n", "line 1: anchors and aliases are not read"),
        ("a: 1\nb: *x\n", "line 2: anchors and aliases are not read"),
        ("&x a: 1\n", "line 1: anchors and aliases are not read"),
        ("&a [*a]\n", "line 1: anchors and aliases are not read"),
        ("x: 1\n<<: {a: 1}\n", "line 2: merge keys are not read"),
        ("a: !!python/object/apply:os.system [ls]\n", "line 1: tags are not read"),
        ("a: 1\nb: !mine 5\n", "line 2: tags are not read"),
        ("a: !!str 5\n", "line 1: tags are not read"),
        ("a: !!binary aGk=\n", "line 1: tags are not read"),
        ("a: ! 5\n", "line 1: tags are not read"),
        ("%YAML 1.1\n---\na: yes\n", "line 2: only YAML 1.2 is read"),
        ("a:\n\tb: 1\n", "line 2: is not YAML: found character '\\t' that cannot start"),
        ("a: b: c\n", "line 1: is not YAML: mapping values are not allowed here"),
        ("a: 1\n  b: 2\n", "line 2: is not YAML: "),
        ("a: [1, 2\n", "line 2: is not YAML: "),
        ("a: 'x\n", "line 2: is not YAML: "),
        ("a: @x\n", "line 1: is not YAML: "),
        ("a: x\x00\n", "line 1: is not YAML: unacceptable character"),
        ("a: 1\r\nb: \x0c\r\n", "line 2: is not YAML: unacceptable character"),
        ("a: 1\n\n# \x00\n\x00\n", "line 3: is not YAML: unacceptable character"),
        ("a: \ud800\n", "line 1: is not YAML: unacceptable character"),
        ('a: "\\UFFFFFFFF"\n', "line 1: is not YAML: there is no character \\UFFFFFFFF"),
        (
            'a: "\\U0010FFFF\\\\UFFFFFFFF"\nb: "\\U00110000"\n',
            "line 2: is not YAML: there is no character \\U00110000",
        ),
        ("1: x\n", "line 1: the name of a field is a text, not 1; put it in quotes"),
        ("true: x\n", "line 1: the name of a field is a text, not true; put it in quotes"),
        ("a: 1\n: x\n", "line 2: the name of a field is a text, not "),
        ("? [a]\n: x\n", "line 1: the name of a field is a text, not a list or a mapping"),
        (f"a: {'9' * 401}\n", "line 1: the number is too long"),
        ("[" * 100_000 + "\n", f"line 1: is nested more than {MAX_DEPTH} deep"),
        ("- " * 50_000 + "\n", f"line 1: is nested more than {MAX_DEPTH} deep"),
        ("#" * MAX_BYTES + "\n", f"checkpoint: has more than {MAX_BYTES} characters"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_line(text: str, message: str) -> None:
    refused(text, message)


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    refused("\n".join(["l0: &l0 [x]", *levels]) + "\n", "line 1: anchors and aliases are not read")


def test_a_tab_is_named() -> None:
    with pytest.raises(GateError, match=r"; indent with spaces$"):
        read_yaml("a:\n\tb: 1\n")


# Files


def test_a_file_is_read_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffä: ö\r\nb: 2\r\n".encode())
    data, place = read_yaml(path)
    assert data == {"ä": "ö", "b": 2}
    assert (place.origin.file, place.origin.folder) == (str(path), tmp_path)
    assert str(place / "b") == f"{path}, line 2, b"


def test_a_text_has_a_line_break_and_a_path_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a: 1").write_text("b: 2", encoding="utf-8")
    assert read_yaml("a: 1")[0] == {"b": 2}
    assert read_yaml("a: 1\n")[0] == {"a": 1}


@pytest.mark.parametrize("source", ["", "  ", None, 5, b"a: 1\n", ["a: 1\n"]])
def test_anything_else_is_neither(source: Any) -> None:
    refused(source, "checkpoint: the source is a path or a YAML text with line breaks, not ")


@pytest.mark.parametrize("source", ["a: 1", "none.yaml", "none\x00.yaml", "x" * 10_000])
def test_a_file_that_is_not_there_is_an_error_that_names_it(source: str) -> None:
    refused(source, f"{source}: cannot be read (")


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    refused(tmp_path, f"{tmp_path}: cannot be read (Is a directory)")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: ä\n".encode(encoding))
    with pytest.raises(GateError, match=f"^{re.escape(str(path))}: line [12] is not UTF-8"):
        read_yaml(path)


def test_an_endless_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    refused(path, f"{path}: has more than {MAX_BYTES} bytes")


def test_yaml_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    with pytest.raises(MissingExtra, match=r"langgraph-hitl\[policy\]"):
        read_yaml("a: 1\n")
