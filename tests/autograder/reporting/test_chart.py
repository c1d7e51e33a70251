"""The report as a picture."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from autograder.reporting import chart, report
from tests.autograder.reporting.test_report import CLASS, verdict
from tests.autograder.reporting.test_tables import SERVICE

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> Xml.Element:
    """The picture, parsed."""
    return Xml.fromstring(text)


def texts(root: Xml.Element) -> list[str]:
    """The words in it."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_each_check_has_a_row() -> None:
    """With its name and its points on average."""
    words = texts(drawn(chart.svg("service", report.lines(SERVICE, CLASS))))
    assert "service: points per check, 4 submissions" in words
    assert all(check.id.partition(".")[2] in words for check in SERVICE.checks)
    assert words.count("2.0 of 2 points") == 3


def test_a_bar_is_as_long_as_its_outcomes_are_frequent() -> None:
    """All bars of a row together are one class."""
    root = drawn(chart.svg("service", report.lines(SERVICE, CLASS)))
    rows: dict[str, list[float]] = {}
    for bar in root.iter(f"{SVG}rect"):
        if bar.find(f"{SVG}title") is not None:
            rows.setdefault(bar.attrib["y"], []).append(float(bar.attrib["width"]))
    assert len(rows) == len(SERVICE.checks)
    assert len({sum(widths) for widths in rows.values()}) == 1
    assert sorted(map(len, rows.values())) == [1] * 6 + [2]


def test_it_draws_only_our_own_words() -> None:
    """No reason, and so nothing that a submission wrote, is in it: a browser opens this file."""
    text = chart.svg("service", report.lines(SERVICE, [verdict("eve", "service.logs", "<script>")]))
    assert {element.tag.removeprefix(SVG) for element in drawn(text).iter()} == {"svg", "title", "rect", "text"}
    assert "script" not in text


def test_an_empty_class_can_be_drawn() -> None:
    """There is nothing to see, and no error."""
    assert "0 submissions" in texts(drawn(chart.svg("service", report.lines(SERVICE, []))))[0]
