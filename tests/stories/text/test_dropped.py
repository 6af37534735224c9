"""What a reader would have seen of pasted HTML and cleaning leaves out."""

from __future__ import annotations

import pytest

from stories.text import prose
from stories.text.dropped import Kind


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [
        ('<p>x<img src="a.png"><img src="b.png"></p>', {Kind.PICTURE: 2}),
        ("<p>x</p><svg><path d='M0'/></svg><canvas></canvas>", {Kind.PICTURE: 2}),
        ("<p>x</p><video src=a></video><audio src=b></audio>", {Kind.RECORDING: 2}),
        ("<p>x</p><iframe src='https://x.y/'></iframe><object></object>", {Kind.EMBEDDED: 2}),
        ("<p>x <input name=a><input type=hidden name=b><button>y</button></p>", {Kind.FORM_FIELD: 2}),
        ("<p><a href='/x'>a</a> <a href='javascript:1'>b</a> <a href='https://x.y/'>c</a></p>", {Kind.LINK: 2}),
        ("<p style='color:red'>x</p><p style='margin:0'>y</p><font face=a>z</font>", {Kind.LOOK: 2}),
        ("<p class=MsoNormal>x<o:p></o:p></p><!-- <img> --><style>img{}</style><script>'<img>'</script>", {}),
        ("I write <b> and <img> and a<b.", {}),
    ],
)  # fmt: skip
def test_what_is_visible_and_left_out_is_counted(raw: str, kinds: dict[Kind, int]) -> None:
    assert prose.dropped_from_typed(raw) == kinds


def test_import_can_ask_the_same() -> None:
    assert prose.dropped_from_markdown("Look: ![a picture](https://x.y/a.png)") == {Kind.PICTURE: 1}
    assert prose.dropped_from_html("<p>x<img src=y></p>") == {Kind.PICTURE: 1}
