"""Who is a user: an address, or a name that the pipeline lists in its groups or supervisors."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain

from countersign.model.pipeline import Pipeline
from countersign.model.values import InvalidValueError, quoted
from countersign.text.addresses import EXPECTED, problem_of
from countersign.text.folding import fold_address


def listed_users(pipeline: Pipeline) -> Iterator[str]:
    """Everybody whom the pipeline's groups and supervisors name."""
    return chain(*pipeline.groups.values(), *pipeline.supervisors.items())


def is_same_user(user: str, other: str) -> bool:
    """Whether two texts name the same user: case, blanks and Punycode make no difference."""
    return fold_address(user) == fold_address(other)


def user_of(text: str, pipeline: Pipeline) -> str:
    """The user that the text names: an address as it is, a name as the pipeline lists it.

    InvalidValueError, with what is expected, for anything else.
    """
    text = text.strip()
    why = problem_of(text)
    if why is None:
        return text
    listed = next((user for user in listed_users(pipeline) if is_same_user(user, text)), None)
    if listed is not None:
        return listed
    close = get_close_matches(text, set(listed_users(pipeline)), n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    reason = f" ({why})" if "@" in text and why != EXPECTED else ""
    msg = (
        f"{quoted(text)} is not a user{reason}; expected an e-mail address, or a name that the "
        f"pipeline's groups or supervisors list{hint}"
    )
    raise InvalidValueError(msg)


def group_named(name: str, pipeline: Pipeline) -> str | None:
    """The group's name as the pipeline has it, compared as people read it; None if none."""
    return next((group for group in pipeline.groups if is_same_user(group, name)), None)


def group_of(name: str, pipeline: Pipeline) -> tuple[str, ...] | None:
    """The users of a group, its name compared as people read it; None where there is none."""
    group = group_named(name, pipeline)
    return None if group is None else pipeline.groups[group]


def groups_with(user: str, pipeline: Pipeline) -> tuple[str, ...]:
    """The groups that a user is in."""
    return tuple(
        group
        for group, users in pipeline.groups.items()
        if any(is_same_user(member, user) for member in users)
    )
