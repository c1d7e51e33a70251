"""Everything that lessons use: exercises, quizzes, the panel, terminals, and errors of a lost daemon."""
