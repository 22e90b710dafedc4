"""Reminding signers through their provider: each once in a run, however many calls it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from countersign.engine.erasure import is_erased
from countersign.errors import NothingToDoError, PermanentError, TransientError
from countersign.model.http import WebAnswer
from countersign.model.provider_api import Reminder
from countersign.rules.base import ReminderRule, RuleContext
from countersign.use_cases.effects.base import EffectResult, PreparedEffect
from countersign.use_cases.effects.provider_api import Account, Accounts

AT_ONCE = 6
"""Calls in one try; more would not fit into the function's time. The rest has the next."""
WITHIN = 20
"""Seconds that all calls of a try may take."""
REMINDED = "reminded"
"""Where a run keeps the ids of the signers it has reminded, as JSON."""


class ReminderEffect:
    """Reminds the signers that a rule means."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def prepare(self, kind: ReminderRule, context: RuleContext) -> PreparedEffect:
        """The calls that remind those whom this run has not reminded yet.

        Whom an answered call has reminded stays with the run even where a later call fails, so
        that no try reminds anybody twice.
        """
        signers = kind.whom(context.document)
        if not signers:
            raise NothingToDoError(kind.nobody(context.document))
        account = self._accounts.of(context.document, "reminders")
        provider = account.provider
        erased = [signer for signer in signers if is_erased(signer)]
        signers = tuple(signer for signer in signers if signer not in erased)
        if erased and (not signers or provider.reminds_all):
            why = f": {provider.title} reminds all or nobody" if signers else ""
            raise NothingToDoError(f"a signer's personal data was erased on request{why}")
        if kind.some and provider.reminds_all:
            msg = (
                f"{provider.title} reminds all who have not signed, and cannot remind some of "
                "them; leave to out of the rule"
            )
            raise PermanentError(msg)
        had = set(json.loads(context.run.result.get(REMINDED, "[]")))
        # Each try begins behind those of the one before: who is refused must not stop the others.
        first = (context.run.attempts - 1) * AT_ONCE % len(signers)
        left = [signer for signer in (*signers[first:], *signers[:first]) if signer.id not in had]
        reminders = provider.reminders(account.envelope, left, account.access) if left else ()
        trial = _Reminders(self._accounts, account, reminders, had)
        return PreparedEffect(execute=trial.execute, partial_result=trial.partial_result)


class _Reminders:
    """One try."""

    def __init__(
        self, accounts: Accounts, account: Account, reminders: tuple[Reminder, ...], had: set[str]
    ) -> None:
        self._accounts = accounts
        self._account = account
        self._now, self._later = reminders[:AT_ONCE], reminders[AT_ONCE:]
        self._had = had

    def partial_result(self) -> Mapping[str, str]:
        """What the run keeps, however the try ends."""
        return {REMINDED: json.dumps(sorted(self._had))} if self._had else {}

    def execute(self) -> EffectResult:
        refused: list[str] = []
        for reminder in self._now:
            request = reminder.request.model_copy(update={"within": WITHIN // len(self._now)})
            answer = self._accounts.call(request)
            try:
                self._account.check(answer)
            except PermanentError as error:
                refused.append(str(error))  # the others may be reminded all the same
                continue
            missed = self._missed(answer)
            self._had |= {signer for signer in reminder.signers if signer not in missed}
            title = self._account.provider.title
            refused += [f"{title} did not remind {who}: {why}" for who, why in missed.items()]
        if self._later:
            reasons = f" ({'; '.join(refused)})" if refused else ""
            raise TransientError(f"{len(self._later)} more are reminded with the next try{reasons}")
        if refused:
            raise PermanentError("; ".join(dict.fromkeys(refused)))
        return EffectResult(result=self.partial_result())

    def _missed(self, answer: WebAnswer) -> Mapping[str, str]:
        """Whom an answer of 2xx says were not reminded; nobody where it cannot be read, since the
        call has been made."""
        try:
            return self._account.provider.not_reminded(answer)
        except Exception:
            return {}
