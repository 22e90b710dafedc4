"""The environment of what serves files."""

from __future__ import annotations

from countersign.settings.environment import StageSettings


class ServeFileSettings(StageSettings):
    """serve_file."""

    table_name: str
    files_bucket: str
    address_key_path: str
