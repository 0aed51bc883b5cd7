"""D1: the examples of the reference are run as they are printed, against the served product."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from builder_ui.reference.reading import Operation, Reference
from builder_ui.reference.snippets import token_request
from deploy.node import node_of_the_machine, node_of_the_wheel
from kernel.runtime import Runtime
from tests.api.conftest import register
from tests.api.serving import served
from tests.conftest import ACME

# Each needs what the ones before it made: a small trade in mugs.
STORY = (
    ("POST", "/api/products"),
    ("GET", "/api/products/{product_id}"),
    ("PATCH", "/api/products/{product_id}"),
    ("POST", "/api/skus"),
    ("POST", "/api/suppliers"),
    ("POST", "/api/nodes"),
    ("POST", "/api/channels"),
    ("POST", "/api/listings"),
    ("POST", "/api/stock/receipts"),
    ("POST", "/api/orders"),
    ("GET", "/api/orders"),
    ("POST", "/api/products/{product_id}/retirement"),
    ("DELETE", "/api/products/{product_id}/retirement"),
)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The product on a loopback port."""
    with served(app) as at:
        yield at


@pytest.fixture
def shell(runtime: Runtime, app: Flask, address: str, tmp_path: Path) -> Mapping[str, str]:
    """An integrator's shell: a token asked for as the reference says, and uuidgen."""
    client = register(runtime, ACME, *app.extensions["wareflow_scopes"])
    # Not every machine has it; what it prints is all that counts.
    tool = tmp_path / "uuidgen"
    tool.write_text("#!/bin/sh\ncat /proc/sys/kernel/random/uuid\n")
    tool.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.secret,
    }
    printed = run(["bash", "-euc", token_request(address) + 'echo "$TOKEN"'], environment)
    return {**environment, "TOKEN": printed.strip()}


def run(command: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tell(operation: Operation, address: str, made: Mapping[str, str], language: str) -> str:
    """Return an example with the address where it is served, and ids of what is there."""
    text = next(each.text for each in operation.examples if each.language == language)
    text = text.replace("http://127.0.0.1:8080", address)
    for example, real in made.items():
        text = text.replace(example, real)
    return text


def test_examples_by_curl_tell_the_story_of_an_order(
    reference: Reference, address: str, shell: Mapping[str, str]
) -> None:
    """D1: thirteen operations, one after the other, each answered as its page says."""
    shown = {(each.method, each.path): each for each in reference.operations.values()}
    made: dict[str, str] = {}
    tag = ""
    for place in STORY:
        operation = shown[place]
        command = tell(operation, address, made, "curl").replace("curl ", "curl -s -i ", 1)
        answer = run(["bash", "-euc", command], {**shell, "ETAG": tag})
        status = int(answer.split(" ", 2)[1])
        assert status == operation.answer.status, answer
        body: Any = json.loads(answer.replace("\r", "").split("\n\n", 1)[1])
        found = re.search(r"^ETag: (.+)$", answer.replace("\r", ""), re.MULTILINE)
        tag = found[1] if found else ""
        if place[0] == "POST" and operation.answer.example:
            example = json.loads(operation.answer.example).get("id")
            if example and "id" in body:
                made[example] = body["id"]


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_examples_in_other_languages_run_as_they_are_printed(
    reference: Reference, address: str, shell: Mapping[str, str], tmp_path: Path, language: str
) -> None:
    """D1: a list is read and a supplier created, with the status that the page says."""
    node = node_of_the_machine() or node_of_the_wheel(Path(sysconfig.get_path("purelib")))
    interpreter = [sys.executable if language == "python" else str(node.node)]
    shown = {(each.method, each.path): each for each in reference.operations.values()}

    for place, told in (
        (("POST", "/api/suppliers"), '"POTTERY"'),
        (("GET", "/api/suppliers"), "next"),
    ):
        program = tmp_path / f"example{'.py' if language == 'python' else '.mjs'}"
        program.write_text(tell(shown[place], address, {}, language))
        assert told in run([*interpreter, str(program)], shell)
