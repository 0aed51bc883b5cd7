"""Writes one request in the languages that callers speak: curl, Python and JavaScript."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_INDENT = "    "


@dataclass(frozen=True)
class Request:
    """What an example sends. The token, keys and tags are the caller's own and stand as names."""

    method: str
    url: str
    needs_key: bool = False
    needs_tag: bool = False
    body: Any = None

    @property
    def has_body(self) -> bool:
        """Whether something is sent."""
        return self.body is not None


def curl(request: Request) -> str:
    """Return the request for a shell, with the token in $TOKEN and a tag in $ETAG."""
    method = "" if request.method == "GET" else f"-X {request.method} "
    lines = [f"curl {method}{shlex.quote(request.url)}", '-H "Authorization: Bearer $TOKEN"']
    if request.needs_key:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if request.needs_tag:
        lines.append('-H "If-Match: $ETAG"')
    if request.has_body:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d {shlex.quote(as_json(request.body))}")
    return " \\\n  ".join(lines) + "\n"


def python(request: Request) -> str:
    """Return the request as a program that uses the requests library."""
    headers = ['"Authorization": f"Bearer {os.environ[\'TOKEN\']}",']
    if request.needs_key:
        headers.append('"Idempotency-Key": str(uuid.uuid4()),')
    if request.needs_tag:
        headers.append('"If-Match": os.environ["ETAG"],')
    imports = ["import os", *(["import uuid"] if request.needs_key else [])]
    lines = [f'"{request.url}",', "headers={", *(_INDENT + each for each in headers), "},"]
    if request.has_body:
        lines += f"json={_as_python(request.body)},".splitlines()
    lines.append("timeout=30,")
    return "\n".join(
        [
            *imports,
            "",
            "import requests",
            "",
            f"answer = requests.{request.method.lower()}(",
            *(_INDENT + each for each in lines),
            ")",
            "answer.raise_for_status()",
            "print(answer.text)",
            "",
        ]
    )


def javascript(request: Request) -> str:
    """Return the request as a module that uses fetch."""
    headers = ["Authorization: `Bearer ${process.env.TOKEN}`,"]
    if request.needs_key:
        headers.append('"Idempotency-Key": crypto.randomUUID(),')
    if request.needs_tag:
        headers.append('"If-Match": process.env.ETAG,')
    if request.has_body:
        headers.append('"Content-Type": "application/json",')
    lines = [f'method: "{request.method}",', "headers: {", *("  " + each for each in headers), "},"]
    if request.has_body:
        lines += f"body: JSON.stringify({as_json(request.body)}),".splitlines()
    return "\n".join(
        [
            f'const answer = await fetch("{request.url}", {{',
            *("  " + each for each in lines),
            "});",
            "if (!answer.ok) throw new Error(await answer.text());",
            "console.log(await answer.text());",
            "",
        ]
    )


def token_request(base_url: str) -> str:
    """Return how a shell asks for a token and keeps it in $TOKEN."""
    return (
        'TOKEN=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" \\\n'
        "  -d grant_type=client_credentials \\\n"
        f"  {base_url}/t/acme/oauth/token |\n"
        '  sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\')\n'
    )


def as_json(value: Any) -> str:
    """Return a value as it travels, laid out for reading."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _as_python(value: Any, before: str = "") -> str:
    inner = before + _INDENT
    if isinstance(value, Mapping) and value:
        lines = [
            f"{inner}{_as_python(name)}: {_as_python(each, inner)}," for name, each in value.items()
        ]
        return "\n".join(["{", *lines, before + "}"])
    if isinstance(value, list) and value:
        lines = [f"{inner}{_as_python(each, inner)}," for each in value]
        return "\n".join(["[", *lines, before + "]"])
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
