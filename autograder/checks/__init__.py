"""One file for each assignment, with the same name as its folder."""
