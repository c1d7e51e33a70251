"""Errors of the commands for students: ``drydock lab`` and ``drydock submit``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.errors.base import DrydockError


class NoCourseFolder(DrydockError):
    """An argument of ``drydock lab`` that is not a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"JupyterLab can't be opened on {folder}: there is no such folder.",
            next="Change to the folder with the course and run `drydock lab`, or name the folder: drydock lab FOLDER",
        )


class NoLessons(DrydockError):
    """A folder without the course, of which a command needs the lessons."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The course is not in {folder}.",
            why="Neither that folder nor its folder `course` has the lessons."
            if folder.is_dir()
            else "There is no such folder.",
            next="Change to the folder with the course, or name it: drydock progress FOLDER",
        )


class LessonsNotListed(DrydockError):
    """A course's page without the table of lessons."""

    def __init__(self, page: Path) -> None:
        super().__init__(
            f"{page} lists no lessons.",
            why="It is another text, or it is not saved in UTF-8.",
            next="Rename that file, and get the course's own page again: drydock course FOLDER",
        )


class CourseNotPlaced(DrydockError):
    """A folder into which the course's files can't be written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The course's files can't be written into {folder}.",
            why=reason,
            next="Change to a folder of your own, or name one: drydock lab --course FOLDER",
        )


class NotebookMissing(DrydockError):
    """An assignment to submit whose notebook is in none of the folders where it may be."""

    def __init__(self, assignment: str, places: Sequence[Path]) -> None:
        super().__init__(
            f"There is no notebook of an assignment {assignment[:60]!r} here.",
            why="It is in none of these places:\n" + "\n".join(map(str, places)),
            next="Change to the folder with your notebook and run the command again. The assignment's name is the "
            "notebook's name.",
        )


class InvalidSubmission(DrydockError):
    """A notebook, or files beside it, that can't be graded; no zip was written."""

    def __init__(self, notebook: Path, problems: Sequence[str]) -> None:
        super().__init__(
            f"Your work on {notebook.stem} can't be submitted like this. No zip was written.",
            why="\n".join(problems),
            next="Fix this, save the notebook, and run the command again; or copy your answers into a fresh copy of "
            "the assignment.",
        )


class StudentNameMissing(DrydockError):
    """A submission without a student's name, where no person can be asked for it."""

    def __init__(self) -> None:
        super().__init__(
            "The student's name is missing.",
            why="None was given, and there is no terminal to ask for it.",
            next="Name yourself as your course knows you: drydock submit ASSIGNMENT --student NAME",
        )


class BadStudentName(DrydockError):
    """A student's name that can't be part of a file name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:80]!r} can't be used as a student's name.",
            why="It becomes part of a file name: it has 1 to 64 characters, does not start with a full stop, and has "
            'none of \\ / : * ? " < > |',
            next="Use the name or number that your course knows you by.",
        )
