"""The whole product in one process on the in-memory adapters, under a virtual clock."""
