"""How a class did."""

from __future__ import annotations

from autograder.gradebook.grades import CellGrade, Grade
from autograder.reporting import report
from autograder.verdict import Outcome, Result, State, Verdict
from tests.autograder.reporting.test_tables import SERVICE, printed


def verdict(student: str, failed: str = "", reason: str = "seen", state: State = "graded") -> Verdict:
    """A verdict in which all checks passed but one."""

    def result(name: str) -> Outcome:
        return "failed" if name == failed else "passed"

    results = [
        Result(check.id, check.line, check.points, result(check.id), reason if check.id == failed else "")
        for check in SERVICE.checks
    ]
    return Verdict(student, "service", state, tuple(results), 1)


CLASS = [
    verdict("ada"),
    verdict("bob", "service.memory", "It has no limit."),
    verdict("eve", "service.memory", "It has no limit."),
    verdict("joe", "service.memory", "It has 9 GB."),
]


def test_points_are_counted_per_check() -> None:
    """How often it came out in each way, its points on average, and what was seen most often."""
    rows = {line.check.id: line for line in report.lines(SERVICE, CLASS)}
    memory = rows["service.memory"]
    assert (memory.outcomes["passed"], memory.outcomes["failed"], memory.average) == (1, 3, 0.25)
    assert memory.reason == "It has no limit."
    assert rows["service.running"].average == 2


def test_the_hardest_check_is_named() -> None:
    """In words, with its share of the class."""
    shown = printed(report.table(SERVICE, CLASS))
    assert "service.memory fails most often, for 75 % of the class" in shown
    assert "service.memory: It has no limit." in shown


def test_a_class_without_failures_has_no_hardest_check() -> None:
    """Nor is one made up."""
    assert report.hardest(report.lines(SERVICE, [verdict("ada")])) is None
    assert "No check failed." in printed(report.table(SERVICE, [verdict("ada")]))


def test_what_the_grader_could_not_grade_does_not_count() -> None:
    """It says nothing about the class, but it is mentioned."""
    trouble = verdict("zoe", "service.logs", state="infra-error")
    assert report.lines(SERVICE, [*CLASS, trouble]) == report.lines(SERVICE, CLASS)
    assert "infra-error 1" in printed(report.table(SERVICE, [*CLASS, trouble]))


def test_a_class_of_nobody_is_no_error() -> None:
    """When all that there is could not be graded."""
    rows = report.lines(SERVICE, [])
    assert [(line.total, line.average) for line in rows] == [(0, 0)] * len(SERVICE.checks)


def test_it_fits_a_terminal_of_eighty_columns() -> None:
    """The name of each check is there in full, and outcomes can be distinguished without colours."""
    shown = printed(report.table(SERVICE, CLASS), width=80)
    assert all(check.id.partition(".")[2] in shown for check in SERVICE.checks)
    assert "█████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒" in shown


def test_what_was_seen_is_only_text() -> None:
    """A submission has a say in it."""
    shown = printed(report.table(SERVICE, [verdict("eve", "service.logs", "[red]x[/red] [link=a]y[/link]")]))
    assert "[red]x[/red]" in shown


def test_what_persons_have_to_do_is_said() -> None:
    """The average of the gradebook, who waits for a person, and who was late."""
    cells = (CellGrade("a", 8, None, 10), CellGrade("b", None, None, 2))
    grades = [Grade("ada", cells, 2, 60, None), Grade("bob", cells, 0, 0, None)]
    text = "In the gradebook: 7.0 of 12 points on average, 2 to be marked by a person, 1 with a late penalty."
    assert report.by_persons(grades) == text
    assert report.by_persons([]) == "The gradebook has no score yet."
