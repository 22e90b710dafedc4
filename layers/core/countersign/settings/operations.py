"""The environments of what follows mails, sweeps and reports."""

from __future__ import annotations

from countersign.settings.environment import Settings, StageSettings


class RecordMailEventSettings(StageSettings):
    """record_mail_event."""

    table_name: str
    feedback_queue_url: str


class SweepSettings(StageSettings):
    """sweep."""

    table_name: str
    files_bucket: str


class SendDailyReportsSettings(Settings):
    """send_daily_reports."""

    table_name: str


class RecordStatisticsSettings(Settings):
    """record_statistics."""

    table_name: str
    statistics_table_name: str
