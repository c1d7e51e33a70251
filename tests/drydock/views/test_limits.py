"""Two plots of what a container uses, each with its limit."""

from __future__ import annotations

import pytest

from drydock.views.container_usage import LENGTH, Sample, Usage
from drydock.views.limits import draw
from tests.drydock.views.parts import WICKED, parsed, sticking_out, texts

MB = 1 << 20
SAMPLES = tuple(Sample(place, 30 * MB + place * MB // 10, 0.5) for place in range(LENGTH))


def heights(svg: str, tag: str) -> list[list[float]]:
    """The heights of the points of each line or area."""
    found = [one.attrib["points"] for one in parsed(svg).iter() if one.tag.endswith(tag)]
    return [[float(point.split(",")[1]) for point in points.split()] for points in found]


def test_use_stays_below_a_limit_that_it_does_not_reach() -> None:
    """The area of what is used ends below the line of what may be used."""
    svg = draw(Usage("box", SAMPLES, 64 * MB, 0.75))
    for area, line in zip(heights(svg, "polygon"), heights(svg, "polyline"), strict=True):
        assert min(area) > line[0]
    assert {"box: runs", "memory: 35.9 MB", "limit 64 MB", "processors: 0.50", "limit 0.75"} <= set(texts(svg))


def test_without_a_limit_there_is_no_line() -> None:
    """Then it says so, and of the processors how many there are."""
    svg = draw(Usage("box", SAMPLES, None, None, 2))
    assert {"no limit", "no limit, and there are 2"} <= set(texts(svg))
    assert heights(svg, "polyline") == []


def test_before_the_first_sample() -> None:
    """Two empty plots, and the limits."""
    svg = draw(Usage("box", (), 64 * MB, None))
    assert {"memory: …", "processors: …", "limit 64 MB"} <= set(texts(svg))


@pytest.mark.parametrize("number", [1, 2, LENGTH])
def test_the_newest_is_at_the_right(number: int) -> None:
    """However few samples there are, the last one stands where it says "now"."""
    svg = draw(Usage("box", SAMPLES[:number]))
    areas = [one.attrib["points"].split() for one in parsed(svg).iter() if one.tag.endswith("polygon")]
    assert [points[-1].split(",")[0] for points in areas] == ["448.0", "912.0"]


def test_everything_has_its_room() -> None:
    """A long name, a long state and a long complaint don't run into each other, nor into the page."""
    state = "stopped with exit code 137, it wanted more memory than it may have"
    svg = draw(Usage(WICKED * 3, SAMPLES, 64 * MB, None, 2, state, WICKED * 9))
    assert "<script" not in svg
    assert sticking_out(svg) == []
