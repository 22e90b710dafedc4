"""Amazon S3: large webhooks and rejected requests."""
