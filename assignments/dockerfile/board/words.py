"""What stands over the board. The office changes its mind about this every week."""

TITLE = "High water today"
