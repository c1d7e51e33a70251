"""Grades as Moodle and Canvas import them."""

from __future__ import annotations

import csv

from autograder.gradebook.grades import CellGrade, Grade
from autograder.reporting.lms_export import canvas_csv, moodle_csv

GRADES = [
    Grade("ada", (CellGrade("a", 9.5, None, 10), CellGrade("b", None, 2, 2, 0.5, "=Well done")), 1, 60, None),
    Grade("bob", (CellGrade("a", 10, None, 10), CellGrade("b", None, None, 2)), 0, 0, None),
]
NAMES = {"ada": ("Ada", "King", "ada@uni.example")}


def test_moodle_gets_who_points_and_a_line() -> None:
    """The line says what is still to come and what was taken off; no comment is a formula."""
    ada, bob = csv.DictReader(moodle_csv("service", GRADES, NAMES).splitlines())
    assert (ada["username"], ada["email"], ada["service"]) == ("ada", "ada@uni.example", "11")
    assert ada["service feedback"] == "11 of 12, 1 taken off for lateness. =Well done"
    assert bob["service feedback"] == "10 of 12, 2 to be marked by a person"


def test_canvas_gets_its_columns_and_the_points_possible() -> None:
    """The second row has the points possible; without a name in the roster the id stands for it."""
    rows = list(csv.reader(canvas_csv("service", GRADES, NAMES).splitlines()))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "service"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "12"]
    assert rows[2:] == [["King, Ada", "", "", "ada", "", "11"], ["bob", "", "", "bob", "", "10"]]
