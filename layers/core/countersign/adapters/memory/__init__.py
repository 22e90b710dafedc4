"""In-memory twins of the AWS adapters: deterministic, without a clock, for tests and simulation."""
