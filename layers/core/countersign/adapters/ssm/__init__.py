"""SSM parameters: credentials, secrets of rules, API tokens, webhook addresses."""
