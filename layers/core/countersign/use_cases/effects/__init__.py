"""Effects of runs on the outside: mails, calls, events, reminders, each at most once."""
