"""A pipeline that is being edited: kept as it is written, right or wrong, until it is published."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import PlainSerializer

from countersign.errors import ConflictError, PermanentError
from countersign.model.base import Instant, Model, Place, pointer
from countersign.model.pipeline import Head, Slug
from countersign.standards.decimals import as_json

MAX_DEPTH = 60
"""How deep the values of a draft may be nested, as those of a file."""
MAX_VALUES = 100_000
"""Values of a draft, as of a file."""
MAX_DIGITS = 40
"""Digits of a number, before and behind its point, as of a file."""

Content = Annotated[dict[str, Any], PlainSerializer(as_json, when_used="json")]
"""Plain values: texts, ints and Decimals, booleans, None, and lists and mappings of them."""


class Draft(Model):
    """What somebody edits of one pipeline, new or published. A pipeline has one draft at most."""

    pipeline: Slug
    """The id of the pipeline that publishing makes or changes."""
    content: Content
    """The pipeline as it is written, which need not be valid."""
    base_version: int | None = None
    """The published version that it changes; None for a pipeline that is not published yet."""
    version: int = 1
    """Grows by one with every save."""
    created_at: Instant
    saved_at: Instant
    saved_by: str

    @property
    def tag(self) -> str:
        """Another one after every save, and for every draft that is made anew: the ETag."""
        return f"{self.created_at:%Y%m%dT%H%M%S%f}-{self.version}"

    @property
    def name(self) -> str:
        """The name that people see, as far as one is written; the id otherwise."""
        written = self.content.get("name")
        return written if isinstance(written, str) and written else self.pipeline


class DraftCard(Model):
    """A draft in a list, without its content."""

    pipeline: str
    name: str
    base_version: int | None
    tag: str
    saved_at: Instant
    saved_by: str


class DraftPage(NamedTuple):
    """A part of the list of drafts."""

    cards: tuple[DraftCard, ...]
    next: str | None
    """The id after which the list goes on; None at its end."""


class StaleDraftError(ConflictError):
    """The draft was saved, discarded or published since it was read."""

    def __init__(self, pipeline: str, present: Draft | None) -> None:
        if present is None:
            text = f"there is no draft of {pipeline} any more; it was published or discarded"
        else:
            text = (
                f"the draft of {pipeline} was saved by {present.saved_by} since it was read; look "
                "at that version, and save yours on top of it"
            )
        super().__init__(text)
        self.present = present
        """The draft as it is now; None where there is none."""


class OutdatedDraftError(ConflictError):
    """A version was published since the draft was made that it knows nothing of."""


def check_base(draft: Draft, head: Head | None) -> None:
    """OutdatedDraftError where the draft's base is not the version that is published now."""
    published = None if head is None else head.version
    if draft.base_version == published:
        return
    base = f"version {draft.base_version}" if draft.base_version else "no version"
    now = f"version {published}" if published else "no version"
    raise OutdatedDraftError(
        f"the draft of {draft.pipeline} changes {base}, and {now} is published now; look at what "
        "is different, and save the draft on top of it"
    )


def card_of(draft: Draft) -> DraftCard:
    """What a list shows of the draft."""
    return DraftCard(
        pipeline=draft.pipeline,
        name=draft.name,
        base_version=draft.base_version,
        tag=draft.tag,
        saved_at=draft.saved_at,
        saved_by=draft.saved_by,
    )


def content_of(value: object) -> dict[str, Any]:
    """What was written, as a draft keeps it; nothing is shared with ``value``.

    PermanentError, with its place, for what is not a mapping of plain values, is nested deeper than
    ``MAX_DEPTH``, has more than ``MAX_VALUES`` values or text with an invalid Unicode character.
    """
    if not isinstance(value, Mapping):
        raise PermanentError("this is not a pipeline; expected a mapping, with pipeline and stages")
    return _Copy().mapping(value, ())


class _Copy:
    """Copies plain values, and counts them."""

    def __init__(self) -> None:
        self._values = 0

    def mapping(self, value: Mapping[Any, Any], place: Place) -> dict[str, Any]:
        copied = {}
        for name, member in value.items():
            if not isinstance(name, str):
                raise _refused(place, f"the key {name!r} is not a text")
            _check_text(name, place)
            copied[name] = self._any(member, (*place, name))
        return copied

    def _any(self, value: object, place: Place) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise PermanentError(f"the draft has more than {MAX_VALUES:,} values")
        if len(place) > MAX_DEPTH:
            raise _refused(place, f"nested deeper than {MAX_DEPTH}; write it flatter")
        if isinstance(value, Mapping):
            return self.mapping(value, place)
        if isinstance(value, list | tuple):
            return [self._any(element, (*place, n)) for n, element in enumerate(value)]
        return _scalar(value, place)


def _scalar(value: object, place: Place) -> object:
    if isinstance(value, str):
        _check_text(value, place)
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite()):
        if _digits(value) > MAX_DIGITS:
            raise _refused(place, f"a number has at most {MAX_DIGITS} digits")
        return value
    kind = type(value).__name__
    raise _refused(place, f"{kind} {value} is not a text, number, boolean, list or mapping")


def _digits(number: int | Decimal) -> int:
    """How many digits it has, written without an exponent."""
    if isinstance(number, int):
        return MAX_DIGITS + 1 if abs(number) >= 10**MAX_DIGITS else 1
    _, digits, exponent = number.as_tuple()
    places = int(exponent)
    return max(len(digits), len(digits) + places, -places)


def _check_text(text: str, place: Place) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = "the text contains an invalid Unicode character; re-enter it"
        raise _refused(place, reason) from None


def _refused(place: Place, reason: str) -> PermanentError:
    return PermanentError(f"{pointer(place) or 'the draft'}: {reason}")
