"""What people do with runs: those that failed, are in doubt, or have not begun."""
