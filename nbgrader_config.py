"""nbgrader's view of the course: sources in assignments/, everything it makes in build/, marks by our own function."""

from pathlib import Path

root = Path(__file__).parent
(root / "build").mkdir(exist_ok=True)  # SQLite makes the gradebook's file, but not its folder

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "drydock"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "assignments"
c.CourseDirectory.release_directory = "build/release"
c.CourseDirectory.submitted_directory = "build/submitted"
c.CourseDirectory.autograded_directory = "build/autograded"
c.CourseDirectory.feedback_directory = "build/feedback"
c.CourseDirectory.solution_directory = "build/solution"
c.ExportPlugin.to = str(root / "build" / "grades.csv")
c.CourseDirectory.db_url = f"sqlite:///{root / 'build' / 'gradebook.db'}"

# What is given out says what it is (nbgrader's own list, and one of ours at its end); what comes back as a zip of
# `drydock submit` goes into build/downloaded/ASSIGNMENT/archive/, and from there to build/submitted/.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
    "autograder.gradebook.plugins.Told",
]
c.ZipCollectApp.downloaded_directory = "build/downloaded"
c.ZipCollectApp.extractor_plugin = "autograder.gradebook.collect.Unpacked"
c.ZipCollectApp.collector_plugin = "autograder.gradebook.collect.Sorted"

# `nbgrader autograde` and formgrader's button: the notebook loses its tags and outputs, then one preprocessor of
# ours runs it in a machine of its own and writes the marks. nbgrader's Execute and SaveAutoGrades are not used.
c.Autograde.sanitize_preprocessors = [
    "autograder.gradebook.plugins.Bare",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.plugins.Graded",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
