"""What persons may ask about their data: erasing and exporting it; and how long it is kept."""
