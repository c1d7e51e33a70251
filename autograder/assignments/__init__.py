"""The checks of the four assignments."""
