"""Files of this machine that are sent and written."""
