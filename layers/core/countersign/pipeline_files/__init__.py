"""Pipeline files and scripts: YAML as plain values with their places, and pipelines as YAML."""
