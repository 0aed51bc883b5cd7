"""No page holds anything inline, whatever words people put into it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from builder_ui.shell.assets import Assets
from builder_ui.shell.gallery import gallery
from builder_ui.shell.rendering import TEMPLATES, install_shell
from tests.builder_ui.markup import faults_of
from web.json_provider import install_json

HOSTILE = "\"><svg onload=alert(1)><script>alert(2)</script>'{{7*7}}"
PAGES = [
    "/dev/ui",
    "/dev/ui?theme=dark",
    "/dev/ui/list",
    "/dev/ui/list?q=zzz",
    "/dev/ui/form",
    "/dev/ui/steps",
    "/dev/ui/task",
    "/dev/ui/task?task=1",
    "/dev/ui/sign-in",
    "/dev/ui/failures/404?inside",
    "/dev/ui/failures/500",
]


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("markup", static_folder=None)
    app.testing = True  # A broken page must fail here, not answer with a faultless error.
    install_json(app)
    names = ("portal.ts", "styles/portal.css", "icon.svg", *_page_modules())
    install_shell(app, Assets(Path("/nowhere"), {f"src/{name}": name for name in names}))
    app.register_blueprint(gallery)
    return app.test_client()


def _page_modules() -> Iterator[str]:
    source = TEMPLATES.parent / "frontend/src"
    return (str(path.relative_to(source)) for path in source.glob("pages/*.ts"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_inline_script_or_style(client: FlaskClient, path: str) -> None:
    """S1: the policy forbids them, and a parser finds none."""
    html = client.get(path).get_data(as_text=True)

    assert faults_of(html) == []


def test_hostile_words_stay_words(client: FlaskClient) -> None:
    searched = client.get("/dev/ui/list", query_string={"q": HOSTILE}).get_data(as_text=True)
    refused = client.post("/dev/ui/form", data={"name": HOSTILE, "email": HOSTILE})

    assert faults_of(searched) == []
    assert faults_of(refused.get_data(as_text=True)) == []
    assert "<svg onload" not in searched + refused.get_data(as_text=True)


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:red">',
        '<p onclick="x()">',
        '<p hx-on:click="x()">',
        "<script>x()</script>",
        "<style>p{}</style>",
        '<a href="javascript:x()">',
        '<img src="data:image/png;base64,x">',
        '<p id="a"><p id="a">',
    ],
)
def test_the_parser_finds_what_is_forbidden(html: str) -> None:
    assert len(faults_of(html)) == 1


def test_no_template_marks_words_as_safe_or_turns_escaping_off() -> None:
    forbidden = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(|hx-on|js:")
    templates = sorted(TEMPLATES.rglob("*.html"))

    found = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]

    assert templates
    assert found == []


def test_a_misspelt_name_in_a_template_is_an_error(client: FlaskClient) -> None:
    with client.application.app_context():
        template = client.application.jinja_env.from_string("{{ pgae }}")

        with pytest.raises(Exception, match="'pgae' is undefined"):
            template.render()
