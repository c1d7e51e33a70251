"""nbgrader's view of the course: sources in assignments/, everything it makes in build/, grading by Drydock."""

from pathlib import Path

from autograder.gradebook.nbgrader_settings import configure

root = Path(__file__).parent
(root / "build").mkdir(exist_ok=True)  # SQLite makes the gradebook's file, but not its folder

c = get_config()  # noqa: F821
configure(c)

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

# The zips of `drydock submit` go into build/downloaded/ASSIGNMENT/archive/; `nbgrader zip_collect` unpacks them into
# build/submitted/.
c.ZipCollectApp.downloaded_directory = "build/downloaded"
