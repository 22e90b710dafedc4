"""The state in one DynamoDB table."""
