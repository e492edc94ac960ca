"""Reading files into columns: good ones as they are, bad ones refused in one sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.tables import read_table, read_text_lines


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def columns(path: Path) -> list[list[object]]:
    return list(read_table(path, ["text", "label"]).columns.values())


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        columns(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "text\tlabel\na, b\t1\nc\t0\n"),
        ("a.csv", 'text,label\n"a, b",1\nc,0\n'),
        ("a.csv", "text;label\na, b;1\nc;0\n"),
        ("a.csv", "label\ttext\n1\ta, b\n0\tc\n"),
        ("A.TSV", "\ufefftext\tlabel\tmore\na, b\t1\tx\nc\t0\ty"),
        ("a.tsv", "\n\ntext\tlabel\r\na, b\t1\rc\t0\n\n\r\n"),
        ("a.jsonl", '\ufeff{"text": "a, b", "label": "1"}\r\n\n{"label": "0", "text": "c"}'),
    ],
)
def test_every_kind_of_text_file_gives_the_same_columns(
    tmp_path: Path, name: str, content: str
) -> None:
    assert columns(write(tmp_path, name, content)) == [["a, b", "c"], ["1", "0"]]


def test_parquet_gives_its_own_types(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = 3000  # more than one batch
    table = pa.table({"text": ["a"] * rows, "label": range(rows), "other": [[1]] * rows})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert columns(tmp_path / "a.parquet") == [["a"] * rows, list(range(rows))]


def test_a_tsv_keeps_quotes_that_are_part_of_the_text(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", 'text\tlabel\n"so," he said\t1\n"whole"\t0\n')
    assert columns(path)[0] == ['"so," he said', '"whole"']


def test_a_tsv_in_which_every_quote_is_closed_follows_the_csv_rules(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", 'text\tlabel\n"say ""hi"""\t"1"\nplain\t0\n')
    assert columns(path) == [['say "hi"', "plain"], ["1", "0"]]


def test_a_quoted_csv_field_may_hold_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'text,label\r\n"one\r\ntwo",1\r\n')
    assert columns(path) == [["one\ntwo"], ["1"]]


def test_a_missing_key_in_jsonl_is_a_missing_cell(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"text": "a"}\n{"label": 1, "text": null}\n')
    assert columns(path) == [["a", None], [None, 1]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"text,label\na,1\nb\xff,0\n", "not UTF-8 text at line 3; save it as UTF-8"),
        ("a.tsv", "text\tlabel\n".encode("utf-16-le"), "not UTF-8 text at line 1"),
        ("a.csv", "text,label\na\0b,1\n", "not UTF-8 text at line 2"),
        ("a.csv", "txt,label\na,1\n", 'no column "text", did you mean "txt"? its columns are'),
        ("a.csv", "text,text,label\na,b,1\n", 'more than one column called "text"'),
        (
            "a.csv",
            "text,label\na,1\nb,c,0\n",
            "2 columns but another number of fields at line 3, 3;",
        ),
        ("a.tsv", "text\tlabel\na\n", "2 columns but another number of fields at line 2, 1;"),
        ("a.csv", 'text,label\n"a,1\nb,0\n', "quotes that do not match up by line 3"),
        ("a.csv", "text,label\n", "no rows"),
        ("a.csv", "", "is empty"),
        ("a.jsonl", "", "no rows"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": \n', "no valid JSON at line 2"),
        ("a.jsonl", '{"text": "a", "label": 1}\n\n[1]\n', "no JSON object at line 3"),
        ("a.jsonl", "[" * 100_000, "no valid JSON at line 1"),
        ("a.jsonl", '{"label": ' + "9" * 5000 + "}", "no valid JSON at line 1"),
        ("a.parquet", b"PAR1 and then nothing", "not a readable parquet file"),
        ("a.txt", "one\n", "has no labels"),
        ("a.xlsx", "PK", "use .tsv, .csv, .jsonl, .parquet"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    sentence = refusal(write(tmp_path, name, content))
    assert said in sentence
    assert sentence.startswith(f'"{name}" ')
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_nested_parquet_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"text": [["a"]], "label": [1]}), tmp_path / "a.parquet")
    assert 'in column "text"; only text and numbers do' in refusal(tmp_path / "a.parquet")


def test_a_parquet_cut_short_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": ["a b c"] * 1000, "label": [1] * 1000}), path)
    content = path.read_bytes()
    path.write_bytes(b"PAR1" + b"\0" * 60 + content[64:])
    assert "not a readable parquet file" in refusal(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.csv", "There is no file"),
        ("../../../../../../../../absent.csv", "There is no file"),
        (".", "is a folder"),
        ("nul\0.csv", "cannot be read"),
        ("n" * 5000 + ".csv", "cannot be read"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, name: str, said: str) -> None:
    assert said in refusal(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert "is not a file" in refusal(tmp_path / "a.csv")


def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text,label\na,1\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "cannot be read: Permission denied." in refusal(path)


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: takes no room
    assert "larger than 1 GB" in refusal(tmp_path / "a.csv")


def test_a_column_name_from_data_stays_short_in_the_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "c" * 1_000_000 + ",<img src=x>\na,1\n")
    sentence = refusal(path)
    assert '"<img src=x>"' in sentence
    assert len(sentence) < 300


def test_fields_of_a_million_characters_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text,label\n" + "a" * 1_000_000 + ",1\n")
    assert len(str(columns(path)[0][0])) == 1_000_000


def test_text_lines_leave_out_blank_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "\ufeff one \r\n\r\n  \ntwo\u2028still two\rthree")
    assert read_text_lines(path) == ["one", "two\u2028still two", "three"]


def test_text_without_a_sentence_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "\n \n")
    with pytest.raises(BadInput, match="has no sentences"):
        read_text_lines(path)


hostile = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["<img src=x>", "../", "🙂‍↔️", "\0", '"', "a\tb", "\u202egnp", "\r", "NaN", "-1e999"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["tsv", "csv", "jsonl", "txt"]), st.lists(st.lists(hostile), max_size=4))
def test_no_file_content_causes_anything_but_columns_or_a_sentence(
    tmp_path: Path, ending: str, rows: list[list[str]]
) -> None:
    lines = ["text,label", *(",".join(row) for row in rows)]
    path = write(tmp_path, f"a.{ending}", "\n".join(lines))
    try:
        texts, labels = columns(path)
    except BadInput as error:
        said = str(error)
    else:
        said = ""
        assert len(texts) == len(labels) > 0
    assert "\n" not in said


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=5))
def test_jsonl_gives_back_every_text_as_written(
    tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    content = "\n".join(json.dumps({"text": text, "label": label}) for text, label in rows)
    texts, labels = columns(write(tmp_path, "a.jsonl", content))
    assert list(zip(texts, labels, strict=True)) == rows


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.tsv"
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="is empty; choose a file with examples"):
        read_table(path, ["text", "label"])
