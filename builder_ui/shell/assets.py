"""The built browser files: their hashed addresses from Vite's manifest, and how they are served."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_from_directory

from web.access import public

STATIC = Path(__file__).parents[1] / "static"
URL_PREFIX = "/static"
ONE_YEAR_SECONDS = 365 * 24 * 3600


class AssetsMissing(Exception):
    """The browser code has not been built; `npm ci && npm run build` in builder_ui/frontend."""


@dataclass(frozen=True)
class Assets:
    """Where each source file of the browser code went when it was built."""

    folder: Path
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path = STATIC) -> "Assets":
        """Read the manifest once, at start; raise AssetsMissing when there is no build."""
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise AssetsMissing(f"{manifest} does not exist: {AssetsMissing.__doc__}")
        entries = json.loads(manifest.read_text("utf-8"))
        return cls(folder, {name: entry["file"] for name, entry in entries.items()})

    def url(self, source: str) -> str:
        """Return the address of a source file, named from `src/`: `portal.ts`, `pages/tasks.ts`."""
        name = f"src/{source}"
        if name not in self.files:
            raise AssetsMissing(
                f"{source} is not in the build: add it under frontend/src and build."
            )
        return f"{URL_PREFIX}/{self.files[name]}"


def static_files(assets: Assets) -> Blueprint:
    """Serve the build; a name holds its content's hash, so a browser may keep it for ever."""
    blueprint = Blueprint("static_files", __name__, url_prefix=URL_PREFIX)

    @blueprint.get("/<path:name>", endpoint="file")
    @public()
    def serve_file(name: str) -> Response:
        if name == "manifest.json":
            abort(404)  # It has no hash in its name, and is for the server alone.
        zipped = bool(request.accept_encodings["gzip"]) and (assets.folder / f"{name}.gz").is_file()
        response = send_from_directory(
            assets.folder,
            f"{name}.gz" if zipped else name,
            mimetype=_type_of(name),
            max_age=ONE_YEAR_SECONDS,
        )
        response.cache_control.public = True
        response.cache_control.no_cache = None
        response.headers["Cache-Control"] += ", immutable"
        response.vary.add("Accept-Encoding")
        if zipped:
            response.content_encoding = "gzip"
        return response

    return blueprint


def _type_of(name: str) -> str | None:
    """Name the type ourselves: a machine's own table may call .js text/plain."""
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    return {**types, ".txt": "text/plain"}.get(Path(name).suffix)
