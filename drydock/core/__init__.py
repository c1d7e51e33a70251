"""What every other part stands on: commands, deadlines, folders, addresses of daemons, progress."""
