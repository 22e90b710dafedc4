"""The user pool's clients of programs.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from countersign.adapters.aws.errors import our_errors
from countersign.errors import NotFoundError
from countersign.model.person import ROLES, Program, Role

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class CognitoPrograms:
    """``ports.Programs`` over a user pool; the client is made when it is first needed."""

    def __init__(
        self,
        client: Callable[[], CognitoIdentityProviderClient],
        pool: str,
        clients: Mapping[Role, str],
    ) -> None:
        """``clients``: the id of each role's client."""
        self._client = client
        self._pool = pool
        self._clients = clients

    def list(self) -> tuple[Program, ...]:
        return tuple(
            Program(role=role, client_id=self._clients[role])
            for role in reversed(ROLES)
            if role in self._clients
        )

    def secret(self, role: Role) -> str:
        if role not in self._clients:
            raise NotFoundError(f"this deployment has no client for programs of the role {role}")
        with our_errors("Cognito"):
            answer = self._client().describe_user_pool_client(
                UserPoolId=self._pool, ClientId=self._clients[role]
            )
        return answer["UserPoolClient"].get("ClientSecret", "")
