"""What rules would send and write, shown without doing it."""
