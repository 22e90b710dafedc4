"""People and programs in a Cognito user pool."""
