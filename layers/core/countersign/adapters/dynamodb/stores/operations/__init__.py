"""What keeps the work going: jobs, held messages, heartbeats, turns and slots."""
