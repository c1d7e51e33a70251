"""Submissions in, grades out: nbgrader's folders, gradebook and feedback."""
