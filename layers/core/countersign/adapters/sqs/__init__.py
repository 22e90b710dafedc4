"""Amazon SQS: runs, webhooks to retry, dead letters."""
