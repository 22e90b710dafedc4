"""What is shown of HTML."""

from __future__ import annotations

import pytest

from countersign.text.readable_html import readable


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<head><title>No</title></head><body>\n  Yes,\n  <b>all</b>\n</body>", "Yes, all"),
        ("<style>p { color: red }</style><script>no()</script>Seen", "Seen"),
        ("Fish &amp; chips &eacute; &#8364;", "Fish & chips é €"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("</style>unopened <p>open", "unopened\nopen"),
        ("", ""),
    ],
)
def test_html_is_read_as_it_is_shown(html: str, text: str) -> None:
    assert readable(html) == text
