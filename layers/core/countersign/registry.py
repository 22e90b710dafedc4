"""Kinds by name: file name = kind = stored value; a module is loaded when first asked for."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Generic, TypeVar

from countersign.errors import PermanentError
from countersign.text.folding import fold

T = TypeVar("T")


class UnknownKindError(PermanentError):
    """A name that no file of the package has."""


class Registry(Generic[T]):
    """The kinds of one package: each module but ``base`` holds one class of the base's sort."""

    def __init__(self, package: str, base: type[T], word: str) -> None:
        self._package = package
        self._base = base
        self._word = word
        self._loaded: dict[str, type[T]] = {}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Every kind there is, sorted; read off the file names, so nothing is loaded."""
        path = import_module(self._package).__path__
        names = (module.name for module in pkgutil.iter_modules(path))
        return tuple(sorted(name for name in names if name != "base" and name[0] != "_"))

    @contextmanager
    def with_folder(self, folder: Path) -> Iterator[None]:
        """Take the kinds of one more folder too, as long as the context lasts.

        A file of the folder is a kind as a file of the package is.
        """
        package = import_module(self._package)
        before = set(self.kinds)
        self._search([*package.__path__, str(folder)])
        added = set(self.kinds) - before
        try:
            yield
        finally:
            for kind in added:
                self._loaded.pop(kind, None)
                if sys.modules.pop(f"{self._package}.{kind}", None) is not None:
                    delattr(package, kind)
            self._search([path for path in package.__path__ if path != str(folder)])

    def _search(self, folders: list[str]) -> None:
        """Look for kinds in these folders from now on."""
        import_module(self._package).__path__ = folders
        self.__dict__.pop("kinds", None)
        invalidate_caches()

    def get(self, kind: str) -> type[T]:
        """The class of a kind; ``UnknownKindError`` names those there are."""
        loaded = self._loaded.get(kind)
        if loaded is None:
            if kind not in self.kinds:
                msg = f'{self._word} "{kind}" is unknown; this version has {", ".join(self.kinds)}'
                raise UnknownKindError(msg)
            loaded = self._loaded[kind] = self._load(kind)
        return loaded

    def hint(self, name: str) -> str:
        """How a sentence about an unknown kind goes on: the kind that was probably meant, known by
        its name or by one of its titles; empty where nothing is close. Loads every kind."""
        close = self._meant(name)
        return f"; did you mean {close}?" if close else ""

    def _meant(self, name: str) -> str | None:
        from difflib import get_close_matches  # Only for an error's text.

        titles = {
            fold(title): kind for kind in self.kinds for title in _titles(self.get(kind), kind)
        }
        wanted = fold(name)
        if wanted in titles:
            return titles[wanted]
        close = get_close_matches(name, self.kinds, n=1)
        if close:
            return close[0]
        return next((titles[title] for title in get_close_matches(wanted, titles, n=1)), None)

    def _load(self, kind: str) -> type[T]:
        module = import_module(f"{self._package}.{kind}")
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, self._base)
            and value.__module__ == module.__name__
            and not value.__name__.startswith("_")
        ]
        if len(own) != 1:
            msg = f"{module.__name__} must hold one {self._base.__name__}, it holds {len(own)}"
            raise TypeError(msg)
        return own[0]


def _titles(loaded: type[object], kind: str) -> tuple[str, ...]:
    """What people call a kind: its titles in every language, its name with blanks or hyphens."""
    titles = getattr(loaded, "titles", None) or {"en": getattr(loaded, "title", kind)}
    return (*titles.values(), kind, kind.replace("_", " "), kind.replace("_", "-"))
