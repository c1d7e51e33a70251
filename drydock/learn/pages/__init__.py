"""Pages that are made from the lessons: the notes with their verdicts, the index of terms, the cheat sheet."""
