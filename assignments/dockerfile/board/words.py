"""The title of the board. The office changes it every week."""

TITLE = "High water today"
