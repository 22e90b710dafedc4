"""Text from outside on one line."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Text from outside on one line, without what could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
