"""The API: routes by subject over the use cases and queries, for people and programs."""
