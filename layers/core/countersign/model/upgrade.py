"""How far a table has come whose data are of an earlier version."""

from countersign.model.base import Model


class UpgradeProgress(Model):
    """What is filled in a table that had data before."""

    word_index: int = 0
    """The version of the word index that is filled, ``search_words.WORD_INDEX`` once it is."""
    pipeline: str | None = None
    """The pipeline whose documents are looked at; None before the first."""
    place: str | None = None
    """Where in its list of documents to go on; None for its beginning."""
    task: str | None = None
    """The open task up to which they were written again, empty before the first; None while it is
    documents that are looked at, and at the end."""
    documents: int = 0
    """Documents that were looked at."""
    indexed: int = 0
    """Documents among them whose words were written."""
    tasks: int = 0
    """Open tasks that were written again."""
