"""The API as a face of the product: bearer tokens in, problem details out."""

from flask import Flask, Response, request

from api.document import VERSION, HouseApi, VersionUnknown, new_document
from api.oauth.bearer import caller_by_token
from api.resource import Resource
from kernel.errors import PermissionMissing
from web.application import problem_response
from web.faces import Face
from web.problems import Problem
from web.request import incoming

VERSION_HEADER = "Wareflow-Version"


def api_face() -> Face:
    """Return the face that owns `/api`: known by token alone, so cookies mean nothing here."""
    return Face("api", _owns, caller_by_token, _refuse)


def install_api(app: Flask, resources: tuple[Resource, ...]) -> HouseApi:
    """Serve the resources and their document, which is returned for who explains it to people."""
    document = new_document(app)
    for resource in resources:
        document.register_blueprint(resource)
    app.extensions["wareflow_scopes"] = sorted(
        {scope for resource in resources for scope in resource.permissions}
    )
    app.before_request(_check_version)
    app.after_request(_say_version)
    return document


def _owns(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def _check_version() -> None:
    if _owns(request.path) and request.headers.get(VERSION_HEADER, VERSION) != VERSION:
        raise VersionUnknown


def _say_version(response: Response) -> Response:
    if incoming().face.name == "api":
        response.headers[VERSION_HEADER] = VERSION
    return response


def _refuse(problem: Problem) -> Response:
    response = problem_response(problem)
    if problem.status == 401:
        sent = 'error="invalid_token"' if "Authorization" in request.headers else 'realm="api"'
        response.headers["WWW-Authenticate"] = f"Bearer {sent}"
    if problem.code == PermissionMissing.code:
        scope = problem.facts["permission"]
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return response
