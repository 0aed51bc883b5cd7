"""Built files have hashed addresses, are kept for ever, and travel compressed."""

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask

from builder_ui.shell.assets import Assets, AssetsMissing, static_files


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text(
        json.dumps({"src/portal.ts": {"file": "portal-1a2b.js", "src": "src/portal.ts"}})
    )
    (tmp_path / "portal-1a2b.js").write_text("start()")
    (tmp_path / "portal-1a2b.js.gz").write_bytes(gzip.compress(b"start()"))
    return tmp_path


def test_a_source_file_has_its_hashed_address(built: Path) -> None:
    assert Assets.read(built).url("portal.ts") == "/static/portal-1a2b.js"


def test_a_missing_build_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match="npm ci && npm run build"):
        Assets.read(tmp_path)


def test_a_module_that_is_not_in_the_build_is_named(built: Path) -> None:
    with pytest.raises(AssetsMissing, match=r"pages/tasks\.ts is not in the build"):
        Assets.read(built).url("pages/tasks.ts")


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [pytest.param("gzip, br", "gzip", id="zipped"), pytest.param("identity", None, id="plain")],
)
def test_a_file_is_kept_for_ever_and_compressed_for_who_can_read_it(
    built: Path, accepts: str, encoding: str | None
) -> None:
    app = Flask("assets", static_folder=None)
    app.register_blueprint(static_files(Assets.read(built)))

    response = app.test_client().get(
        "/static/portal-1a2b.js", headers={"Accept-Encoding": accepts}, buffered=True
    )

    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers.get("Content-Encoding") == encoding
    assert (gzip.decompress(response.data) if encoding else response.data) == b"start()"


def test_the_manifest_is_nobodys_business(built: Path) -> None:
    app = Flask("assets", static_folder=None)
    app.register_blueprint(static_files(Assets.read(built)))

    assert app.test_client().get("/static/manifest.json").status_code == 404
