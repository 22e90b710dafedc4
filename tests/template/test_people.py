"""Nobody calls the API without a token of the stack's own pool, and people outlive the stack."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.http.sign_in import SignInView

Resources = dict[str, dict[str, Any]]

LOOPBACK = [
    "http://localhost:53682/callback",
    "http://localhost:53683/callback",
    "http://localhost:53684/callback",
]
CONSOLE = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"}


def test_all_of_the_api_needs_a_token_but_its_description_where_to_sign_in_and_the_console(
    resources: Resources,
) -> None:
    routes = {
        it["RouteKey"]: (it["AuthorizationType"], it.get("AuthorizerId"), it["Target"])
        for it in resources.values()
        if it["Type"] == "AWS::ApiGatewayV2::Route" and it["ApiId"] == {"Ref": "Api"}
    }
    target = {"Fn::Sub": "integrations/${ServeApiIntegration}"}
    console = {"Fn::Sub": "integrations/${ServeConsoleIntegration}"}
    assert routes == {
        "ANY /api/{proxy+}": ("JWT", {"Ref": "ApiAuthorizer"}, target),
        "GET /api/v1/openapi.json": ("NONE", None, target),
        "GET /api/v1/sign-in": ("NONE", None, target),
        "GET /": ("NONE", None, console),
        "GET /{proxy+}": ("NONE", None, console),
    }


def test_a_token_is_of_the_stack_s_own_pool_and_clients(resources: Resources) -> None:
    authorizer = resources["ApiAuthorizer"]
    assert authorizer["ApiId"] == {"Ref": "Api"}
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"] == {
        "Issuer": {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${People}"},
        "Audience": [
            {"Ref": "ConsoleClient"},
            {"Ref": "ViewerProgram"},
            {"Ref": "OperatorProgram"},
            {"Ref": "AdministratorProgram"},
        ],
    }


def test_every_client_of_the_pool_may_call_the_api_and_the_function_knows_it(
    resources: Resources, functions: Resources
) -> None:
    clients = {
        name for name, it in resources.items() if it["Type"] == "AWS::Cognito::UserPoolClient"
    }
    audience = resources["ApiAuthorizer"]["JwtConfiguration"]["Audience"]
    assert {one["Ref"] for one in audience} == clients
    variables = functions["ServeApi"]["Environment"]["Variables"]
    known = {
        value["Ref"]
        for name, value in variables.items()
        if name.endswith(("CLIENT_ID", "PROGRAM_ID"))
    }
    assert known == clients


def test_the_api_is_throttled_apart_from_the_webhooks(
    template: dict[str, Any], resources: Resources
) -> None:
    assert resources["ApiStage"]["ApiId"] == {"Ref": "Api"}
    assert resources["ApiStage"]["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {
            "Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "ApiRequestsPerSecond"]
        },
        "ThrottlingBurstLimit": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "ApiRequestBurst"]},
    }
    stages = template["Mappings"]["Stages"].values()
    assert all(it["ApiRequestBurst"] >= it["ApiRequestsPerSecond"] for it in stages)


def test_the_function_answers_before_the_gateway_stops_waiting(functions: Resources) -> None:
    assert functions["ServeApi"]["Timeout"] == 29


def test_nobody_signs_up_and_names_are_addresses(resources: Resources) -> None:
    pool = resources["People"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_an_invitation_says_where_to_sign_in_in_both_languages(resources: Resources) -> None:
    text = resources["People"]["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"]
    for part in ("{username}", "{####}", CONSOLE["Fn::Sub"]):
        assert text["Fn::Sub"].count(part) == 2


@pytest.mark.parametrize("name", ["People", "Administrators", "Operators", "Viewers"])
def test_people_and_their_roles_outlive_the_stack(template: dict[str, Any], name: str) -> None:
    resource = template["Resources"][name]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_production_keeps_its_people(template: dict[str, Any], resources: Resources) -> None:
    stages = template["Mappings"]["Stages"]
    assert {name: it["KeepPeople"] for name, it in stages.items()} == {
        "dev": "INACTIVE",
        "staging": "INACTIVE",
        "prod": "ACTIVE",
    }
    assert resources["People"]["DeletionProtection"] == {
        "Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "KeepPeople"]
    }


def test_there_is_a_group_a_scope_and_a_program_for_each_role(resources: Resources) -> None:
    groups = {
        it["GroupName"]: it["Precedence"]
        for it in resources.values()
        if it["Type"] == "AWS::Cognito::UserPoolGroup"
    }
    assert groups == {"administrator": 1, "operator": 2, "viewer": 3}
    server = resources["ApiScopes"]
    assert server["Identifier"] == "countersign"
    assert {scope["ScopeName"] for scope in server["Scopes"]} == set(groups)
    programs = {
        name: (
            it["ClientName"],
            it["GenerateSecret"],
            it["AllowedOAuthFlows"],
            it["AllowedOAuthScopes"],
        )
        for name, it in resources.items()
        if name.endswith("Program")
    }
    assert programs == {
        f"{role.title()}Program": (
            f"program-{role}",
            True,
            ["client_credentials"],
            [f"countersign/{role}"],
        )
        for role in ("administrator", "operator", "viewer")
    }


def test_the_console_s_client_has_no_secret_no_password_and_no_scope_of_a_program(
    resources: Resources,
) -> None:
    client = resources["ConsoleClient"]
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["CallbackURLs"] == [CONSOLE, *LOOPBACK]
    assert client["LogoutURLs"] == [CONSOLE]


def test_the_api_says_what_the_template_lets_the_command_line_ask_for(
    resources: Resources, functions: Resources
) -> None:
    told = SignInView(sign_in_url="", client_id="")
    client = resources["ConsoleClient"]
    assert [f"http://localhost:{port}/callback" for port in told.redirect_ports] == LOOPBACK
    assert list(told.scopes) == client["AllowedOAuthScopes"]
    variables = functions["ServeApi"]["Environment"]["Variables"]
    assert variables["SIGN_IN_URL"] == {
        "Fn::Sub": "https://countersign-${Stage}-${AWS::AccountId}"
        ".auth.${AWS::Region}.amazoncognito.com"
    }


def test_access_tokens_live_for_fifteen_minutes(resources: Resources) -> None:
    clients = [it for it in resources.values() if it["Type"] == "AWS::Cognito::UserPoolClient"]
    assert len(clients) == 4
    for client in clients:
        assert client["AccessTokenValidity"] == 15
        assert client["TokenValidityUnits"]["AccessToken"] == "minutes"


def test_the_pages_and_the_company_s_sign_in_are_there_where_they_are_wanted(
    template: dict[str, Any], resources: Resources
) -> None:
    assert template["Conditions"]["HasManagedPages"] == {
        "Fn::Equals": [{"Ref": "SignInPages"}, "managed"]
    }
    assert template["Conditions"]["HasCompanySignIn"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "CompanyIssuer"}, ""]}]
    }
    conditions = {
        name: template["Resources"][name].get("Condition")
        for name in ("SignInBranding", "CompanySignIn")
    }
    assert conditions == {"SignInBranding": "HasManagedPages", "CompanySignIn": "HasCompanySignIn"}
    assert resources["SignInDomain"]["ManagedLoginVersion"] == {"Fn::If": ["HasManagedPages", 2, 1]}
    assert resources["ConsoleClient"]["SupportedIdentityProviders"] == [
        "COGNITO",
        {"Fn::If": ["HasCompanySignIn", {"Ref": "CompanySignIn"}, {"Ref": "AWS::NoValue"}]},
    ]


def test_the_company_s_secret_is_in_neither_parameter_nor_template(resources: Resources) -> None:
    assert resources["CompanySignIn"]["ProviderDetails"]["client_secret"] == {
        "Fn::Sub": "{{resolve:secretsmanager:${CompanyClientSecretName}}}"
    }


def test_people_sign_in_at_the_pool_s_own_domain(
    template: dict[str, Any], resources: Resources
) -> None:
    prefix = resources["SignInDomain"]["Domain"]["Fn::Sub"]
    assert prefix == "countersign-${Stage}-${AWS::AccountId}"
    assert template["Outputs"]["SignInUrl"]["Value"] == {
        "Fn::Sub": f"https://{prefix}.auth.${{AWS::Region}}.amazoncognito.com"
    }
