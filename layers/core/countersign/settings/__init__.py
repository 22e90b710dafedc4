"""What each function reads from its environment; a cold start pays for every import."""
