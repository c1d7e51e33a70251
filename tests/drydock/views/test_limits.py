"""The plots of a container's usage with its limits."""

from __future__ import annotations

import pytest

from drydock.views.container_usage import SAMPLE_COUNT, Sample, Usage
from drydock.views.limits import draw
from tests.drydock.views.parts import HOSTILE_NAME, misplaced, parse, texts

MB = 1 << 20
SAMPLES = tuple(Sample(second, 30 * MB + second * MB // 10, 0.5) for second in range(SAMPLE_COUNT))


def heights(svg: str, tag: str) -> list[list[float]]:
    """Return the y coordinates of the points of each element with this tag."""
    lines = [element.attrib["points"] for element in parse(svg).iter() if element.tag.endswith(tag)]
    return [[float(point.split(",")[1]) for point in points.split()] for points in lines]


def test_usage_below_its_limit() -> None:
    """Usage that does not reach its limit is drawn below the limit's line."""
    svg = draw(Usage("box", SAMPLES, 64 * MB, 0.75))
    for area, line in zip(heights(svg, "polygon"), heights(svg, "polyline"), strict=True):
        assert min(area) > line[0]
    assert {"box: running", "memory: 35.9 MB", "limit 64 MB", "CPUs: 0.50", "limit 0.75"} <= set(texts(svg))


def test_no_limit() -> None:
    """Without a limit there is no line; the text has the number of available CPUs."""
    svg = draw(Usage("box", SAMPLES, None, None, 2))
    assert {"no limit", "no limit; 2 available"} <= set(texts(svg))
    assert heights(svg, "polyline") == []


def test_before_the_first_sample() -> None:
    """Without samples the plots are empty, with their limits."""
    svg = draw(Usage("box", (), 64 * MB, None))
    assert {"memory: …", "CPUs: …", "limit 64 MB"} <= set(texts(svg))


@pytest.mark.parametrize("number", [1, 2, SAMPLE_COUNT])
def test_latest_sample_is_at_the_right(number: int) -> None:
    """The latest sample is at the right edge, above "now", whatever the number of samples."""
    svg = draw(Usage("box", SAMPLES[:number]))
    areas = [element.attrib["points"].split() for element in parse(svg).iter() if element.tag.endswith("polygon")]
    assert [points[-1].split(",")[0] for points in areas] == ["448.0", "912.0"]


def test_long_texts_do_not_overlap() -> None:
    """A long name, a long state and a long error overlap no other text and add no markup."""
    state = "stopped with exit code 137, killed for exceeding its memory limit"
    svg = draw(Usage(HOSTILE_NAME * 3, SAMPLES, 64 * MB, None, 2, state, HOSTILE_NAME * 9))
    assert "<script" not in svg
    assert misplaced(svg) == []
