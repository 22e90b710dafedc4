"""Amazon SES: mails, their events, sending rate and verified senders."""
