"""People in a Cognito user pool whose users are named by their addresses; roles are its groups.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any, get_args

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.checks import is_person_id
from countersign.errors import ExistsError, NotFoundError, PermanentError
from countersign.model.person import Language, PeoplePage, Person, PersonStatus, Role, ranked

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SERVICE = "Cognito"
MOST = 60
"""People in one answer at most."""
_NOT_THERE = "UserNotFoundException"
_STATUSES: Mapping[str, PersonStatus] = {
    "CONFIRMED": "active",
    "EXTERNAL_PROVIDER": "active",
    "FORCE_CHANGE_PASSWORD": "invited",
    "RESET_REQUIRED": "reset_required",
}
"""Others cannot sign in."""


class CognitoPeople:
    """``ports.People`` over a user pool; the client is made when it is first needed."""

    def __init__(self, client: Callable[[], CognitoIdentityProviderClient], pool: str) -> None:
        self._client = client
        self._pool = pool

    def page(self, limit: int, cursor: str | None = None) -> PeoplePage:
        asked: dict[str, Any] = {"UserPoolId": self._pool, "Limit": min(limit, MOST)}
        if cursor is not None:
            asked["PaginationToken"] = cursor
        with our_errors(SERVICE):
            try:
                answer = self._client().list_users(**asked)
            except ClientError as error:
                if cursor is None or code_of(error) != "InvalidParameterException":
                    raise
                msg = "the cursor is not one of this list; begin at the first page"
                raise PermanentError(msg) from error
        return PeoplePage(
            items=tuple(self._with_roles(answer["Users"])), next=answer.get("PaginationToken")
        )

    def get(self, person: str) -> Person | None:
        if not is_person_id(person):
            return None
        try:
            with _about(person):
                user: Any = self._client().admin_get_user(UserPoolId=self._pool, Username=person)
        except NotFoundError:
            return None
        return next(self._with_roles([{**user, "Attributes": user["UserAttributes"]}]), None)

    def named(self, email: str) -> tuple[Person, ...]:
        escaped = email.replace("\\", "\\\\").replace('"', '\\"')
        with our_errors(SERVICE):
            answer = self._client().list_users(
                UserPoolId=self._pool, Filter=f'email = "{escaped}"', Limit=MOST
            )
        return tuple(self._with_roles(answer["Users"]))

    def invite(self, email: str, language: Language) -> Person:
        attributes: Any = {"email": email, "email_verified": "true", "locale": language}
        with our_errors(SERVICE):
            try:
                answer = self._client().admin_create_user(
                    UserPoolId=self._pool,
                    Username=email,
                    UserAttributes=[{"Name": k, "Value": v} for k, v in attributes.items()],
                    DesiredDeliveryMediums=["EMAIL"],
                )
            except ClientError as error:
                if code_of(error) != "UsernameExistsException":
                    raise
                raise ExistsError(f"{email} was invited before") from error
        return _person(answer["User"], ())

    def invite_again(self, person: str) -> None:
        known = self.get(person)
        if known is None:
            raise _nobody(person)
        with _about(person):
            self._client().admin_create_user(
                UserPoolId=self._pool,
                Username=known.email,
                MessageAction="RESEND",
                DesiredDeliveryMediums=["EMAIL"],
            )

    def set_roles(self, person: str, roles: Iterable[Role]) -> None:
        wanted, had = frozenset(roles), frozenset(self._roles(person))
        # What is added goes first: nobody is without a role in between.
        with _about(person):
            for role in ranked(wanted - had):
                self._client().admin_add_user_to_group(
                    UserPoolId=self._pool, Username=person, GroupName=role
                )
            for role in ranked(had - wanted):
                self._client().admin_remove_user_from_group(
                    UserPoolId=self._pool, Username=person, GroupName=role
                )

    def remove(self, person: str) -> None:
        if not is_person_id(person):
            return
        with suppress(NotFoundError), _about(person):
            self._client().admin_delete_user(UserPoolId=self._pool, Username=person)

    def with_role(self, role: Role) -> Iterator[Person]:
        asked: dict[str, Any] = {"UserPoolId": self._pool, "GroupName": role, "Limit": MOST}
        while True:
            with our_errors(SERVICE):
                answer = self._client().list_users_in_group(**asked)
            yield from self._with_roles(answer["Users"])
            token = answer.get("NextToken")
            if not token:
                return
            asked["NextToken"] = token

    def _with_roles(self, users: Iterable[Mapping[str, Any]]) -> Iterator[Person]:
        """These people, without those removed in the meantime."""
        for user in users:
            with suppress(NotFoundError):
                yield _person(user, self._roles(user["Username"]))

    def _roles(self, person: str) -> tuple[Role, ...]:
        with _about(person):
            answer = self._client().admin_list_groups_for_user(
                UserPoolId=self._pool, Username=person, Limit=MOST
            )
        return ranked(group["GroupName"] for group in answer["Groups"])


@contextmanager
def _about(person: str) -> Iterator[None]:
    """Calls about one person; NotFoundError where there is no such person."""
    with our_errors(SERVICE):
        try:
            yield
        except ClientError as error:
            if code_of(error) != _NOT_THERE:
                raise
            raise _nobody(person) from error


def _nobody(person: str) -> NotFoundError:
    return NotFoundError(f'there is nobody "{person}" in the user pool')


def _person(user: Mapping[str, Any], roles: tuple[Role, ...]) -> Person:
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["Attributes"]}
    status = user["UserStatus"]
    locale = attributes.get("locale", "")
    return Person(
        id=user["Username"],
        email=attributes.get("email", ""),
        roles=roles,
        status=_STATUSES.get(status, "disabled") if user.get("Enabled", True) else "disabled",
        language=locale if locale in get_args(Language) else None,
        created_at=user["UserCreateDate"].astimezone(UTC),
        company=status == "EXTERNAL_PROVIDER",
    )
