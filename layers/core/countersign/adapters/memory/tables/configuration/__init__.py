"""What people set up: pipelines, drafts, connections, entitlements, and who changed it."""
