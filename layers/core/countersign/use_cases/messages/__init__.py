"""What comes in: webhooks, messages held for paused pipelines, reports on mails."""
