"""Files as people have them, and files meant to do harm: records or a clear message, never anything else."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from conftest import shared

from stories.importing import Format, HowToRead, Record, UnreadableFile, read
from stories.importing.formats import guess

HEAD = '<rss xmlns:wp="w" xmlns:content="c"><channel>'


def records(content: bytes, name: str, **how: Any) -> list[Record]:
    return list(read(io.BytesIO(content), name, HowToRead(**how)))


def values(content: bytes, name: str = "x.csv", **how: Any) -> list[dict[str, Any]]:
    return [dict(record.values) for record in records(content, name, **how)]


def refusal(content: bytes, name: str, **how: Any) -> str:
    with pytest.raises(UnreadableFile) as refused:
        records(content, name, **how)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jsonl", b"", Format.JSONL), ("a.CSV", b"", Format.CSV), ("a.xml", b"", Format.WXR),
        ("a", b"\xef\xbb\xbf {}", Format.JSONL), ("a.txt", b"\n<?xml", Format.WXR),
    ],
)  # fmt: skip
def test_the_format_is_guessed_by_name_or_first_sign(name: str, content: bytes, kind: Format) -> None:
    assert guess(name, io.BytesIO(content)) is kind


def test_what_is_no_format_of_ours_is_said() -> None:
    assert "say --format" in refusal(b"hello", "story.md")
    assert "jq -c" in refusal(b"[{}]", "stories.json")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_windows_writes_it(encoding: str, delimiter: str) -> None:
    rows = [["title", "body"], ["Bếp", '"one\r\n\r\ntwo ""x"""']]
    content = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"

    assert values(content.encode(encoding)) == [{"title": "Bếp", "body": 'one\r\n\r\ntwo "x"'}]


def test_excel_may_name_the_delimiter_in_a_line_of_its_own() -> None:
    assert [(r.line, dict(r.values)) for r in records(b"sep=;\r\na;b\r\n1,5;2\r\n", "x.csv")] == [
        (3, {"a": "1,5", "b": "2"})
    ]


def test_a_file_of_old_windows_is_told_by_line_and_read_when_it_is_said() -> None:
    content = "title,body\nCafé,x\n".encode("windows-1252")

    assert refusal(content, "x.csv").startswith("Line 2 is not written in UTF-8 (byte 0xE9).")
    assert values(content, encoding="windows-1252") == [{"title": "Café", "body": "x"}]
    assert "no encoding" in refusal(content, "x.csv", encoding="klingon")
    assert records(b'{"title": "Caf\xe9"}', "x.jsonl")[0].fault == "it is not UTF-8 (byte 0xE9); see --encoding"


def test_lines_are_counted_where_rows_begin() -> None:
    content = b'a,b\n"1\n\n2",x\n\n3,y,too many\n4,z\n'

    assert [(record.line, bool(record.fault)) for record in records(content, "x.csv")] == [
        (2, False),
        (6, True),
        (7, False),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\nx," + b'"' + b"y\n" * 3_000_000, "begins in line 2"),
        (b"a,b\n" + b"x" * 5_000_000, "Line 2 is longer"),
        (b",".join(b"%d" % n for n in range(10_000)) + b"\n", "10,000 columns"),
        (b"title\nx\n", "one column only"),
        (b'a,b\nx,"y" z\n', "Line 2 is no line of CSV"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(content: bytes, said: str) -> None:
    assert said in refusal(content, "x.csv")


def test_utf_16_from_a_shell_of_windows_is_read_as_json_lines() -> None:
    assert values('{"title": "Bếp"}\r\n'.encode("utf-16"), "x.jsonl") == [{"title": "Bếp"}]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": NaN}', "NaN is no number in JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not a line of JSON"),
        (json.dumps({str(n): 1 for n in range(10_000)}).encode(), "10,000 keys"),
        (b"[]", "not a JSON object"),
        (b'{"a": "\0"}', "not a line of JSON"),
    ],
)
def test_a_bad_line_hurts_no_other(line: bytes, fault: str) -> None:
    found = records(b'{"n": 1}\n' + line + b'\n{"n": 3}', "x.jsonl")

    assert [(record.line, bool(record.fault)) for record in found] == [(1, False), (2, True), (3, False)]
    assert fault in found[1].fault


def test_a_line_of_a_hundred_megabytes_is_passed_over_in_little_memory() -> None:
    class Endless(io.RawIOBase):
        left = 100_000_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    tracemalloc.start()
    found = list(read(io.BufferedReader(Endless()), "x.jsonl", HowToRead(encoding="utf-8")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [record.fault for record in found] == ["it is longer than 4,000,000 characters"]
    assert peak < 40_000_000


def test_a_key_that_comes_twice_is_told() -> None:
    found = records(b'{"title": "a", "title": "b"}', "x.jsonl")[0]

    assert (found.values, found.remarks) == (
        {"title": "b"},
        ("the key 'title' comes more than once; the last one was taken",),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<!DOCTYPE r [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>', "declares"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss/>', "declares"),
        (f"{HEAD}<item><title>" + "x" * 5_000_000, "longer than"),
        (f"{HEAD}<item a='" + "x" * 40_000_000, "more than"),
        (HEAD + "<a>" * 100, "nested too deeply"),
        (f"{HEAD}\n<item><title>&nbsp;", "Line 2 is no XML"),
        (f"{HEAD}<item>", "is no XML"),
        ("<html/>", "no WordPress export"),
        (f"{HEAD}<item>" + "<category>x</category>" * 600, "more than 500"),
    ],
)  # fmt: skip
def test_an_export_that_does_harm_is_refused(content: str, said: str) -> None:
    assert said in refusal(content.encode(), "x.xml")


def test_items_before_a_broken_place_come_before_the_error() -> None:
    stream = read(io.BytesIO(f"{HEAD}<item><title>a</title></item><item><title>&b;".encode()), "x.xml", HowToRead())

    assert next(stream).values["title"] == "a"
    with pytest.raises(UnreadableFile):
        next(stream)


def test_control_characters_that_xml_forbids_stop_no_export() -> None:
    found = values(
        f"{HEAD}<item><title>a\0b\x07</title><content:encoded>c\x0bd</content:encoded></item></channel></rss>".encode(),
        "x.xml",
    )

    assert (found[0]["title"], found[0]["body"]) == ("a b", "c\nd")


def test_files_on_which_parsers_disagree_are_told_not_raised() -> None:
    paths = sorted(shared("hostile_text", "json_parsing").iterdir())

    assert all(isinstance(record, Record) for path in paths for record in records(path.read_bytes(), "x.jsonl"))
    assert len(paths) > 100
