"""Where sign-ins are kept: one file that only its owner may read, by the API's address."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from secrets import token_hex
from typing import Any

from countersign.errors import PermanentError

FILE = "sign-ins.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody who is signed in at one API. Tokens are not shown where the value is."""

    api: str
    sign_in_url: str
    """The hosted pages, below which tokens are refreshed and revoked."""
    client_id: str
    name: str
    """The person's address."""
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    """When the access token ends, in seconds since 1970."""


class SignIns:
    """The sign-ins of a user of this machine. Each call reads or writes the file as it is."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def current(self) -> SignIn | None:
        """The last one that was made and is still there."""
        content = self._read()
        return self._of(content, content.get("current"))

    def get(self, api: str) -> SignIn | None:
        """The sign-in at that API. PermanentError where others may read or write the file."""
        return self._of(self._read(), api)

    def put(self, made: SignIn, *, current: bool = False) -> None:
        """Keep it, as the current one if ``current``."""
        content = self._read()
        content["sign_ins"] = {**_known(content), made.api: asdict(made)}
        if current:
            content["current"] = made.api
        self._write(content)

    def remove(self, api: str) -> None:
        """Forget it, if it is there."""
        content = self._read()
        kept = {name: sign_in for name, sign_in in _known(content).items() if name != api}
        current = content.get("current")
        self._write({"current": current if current in kept else None, "sign_ins": kept})

    def _of(self, content: dict[str, Any], api: Any) -> SignIn | None:
        values = _known(content).get(api)
        if values is None:
            return None
        try:
            made = SignIn(**{member.name: values[member.name] for member in fields(SignIn)})
            float(made.expires_at)
        except (KeyError, TypeError, ValueError):
            raise self._unreadable() from None
        return made

    def _read(self) -> dict[str, Any]:
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise PermanentError(f"{self.path} cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            for problem in _shared(os.fstat(file.fileno())):
                raise PermanentError(
                    f"{self.path} {problem}; sign out where it was used, remove it and sign in "
                    "again: countersign login"
                )
            text = file.read()
        try:
            content = json.loads(text)
        except ValueError:
            raise self._unreadable() from None
        if not isinstance(content, dict) or not isinstance(content.get("sign_ins", {}), dict):
            raise self._unreadable()
        return content

    def _write(self, content: dict[str, Any]) -> None:
        """Whole or not at all: another command may read it meanwhile."""
        new = self.path.with_name(f".{FILE}.{token_hex(8)}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
            new.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            raise PermanentError(f"{self.path} cannot be written: {error.strerror}") from error

    def _unreadable(self) -> PermanentError:
        return PermanentError(
            f"{self.path} is not as this version writes it; remove it and sign in again: "
            "countersign login"
        )


def _known(content: dict[str, Any]) -> dict[str, Any]:
    sign_ins: dict[str, Any] = content.get("sign_ins", {})
    return sign_ins


def _shared(there: os.stat_result) -> Iterator[str]:
    """Why others than its owner could read the file, or have written it."""
    if os.name != "posix":
        return  # the folder's own rights say it
    if there.st_uid != os.geteuid():
        yield "belongs to another user"
    if mode := there.st_mode & 0o077:
        yield f"can be used by others (mode {0o600 | mode:o}; expected 600)"
