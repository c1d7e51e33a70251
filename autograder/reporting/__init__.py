"""What an instructor sees: progress, tables, the report and its chart."""
