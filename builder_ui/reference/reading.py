"""Reads an OpenAPI document into the pages of the reference: tags, operations, examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from builder_ui.reference.highlighting import Language
from builder_ui.reference.shapes import Member, Schemas
from builder_ui.reference.snippets import Request, as_json, curl, javascript, python

ROOT = "/docs/api"
JSON = "application/json"


@dataclass(frozen=True)
class Problem:
    """A way in which a request is refused."""

    status: int
    code: str
    title: str

    @property
    def href(self) -> str:
        """Where all problems are told."""
        return f"{ROOT}/problems#{self.code}"


@dataclass(frozen=True)
class Answer:
    """What a request that succeeds is answered."""

    status: int
    phrase: str
    members: tuple[Member, ...]
    example: str | None
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Example:
    """The same request in one language."""

    language: Language
    label: str
    text: str


@dataclass(frozen=True)
class Operation:
    """One method of one address, with everything that its page tells."""

    tag: str
    slug: str
    anchor: str
    """What the document and the explorer call it."""
    method: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    parameters: Mapping[str, tuple[Member, ...]]
    body: tuple[Member, ...]
    request: Request
    answer: Answer
    problems: tuple[Problem, ...]

    @property
    def href(self) -> str:
        """Where its page is."""
        return f"{ROOT}/{self.tag}/{self.slug}"

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example request in every language."""
        return (
            Example("curl", "curl", curl(self.request)),
            Example("python", "Python", python(self.request)),
            Example("javascript", "JavaScript", javascript(self.request)),
        )

    @property
    def title(self) -> str:
        """What it is called in lists, without regard to case."""
        return f"{self.method} {self.path} {self.summary}".casefold()

    @cached_property
    def words(self) -> str:
        """What a search looks through."""
        members = (each.name for group in self.parameters.values() for each in group)
        shown = (each.name for each in (*self.body, *self.answer.members))
        codes = (problem.code for problem in self.problems)
        said = (self.title, self.description, self.slug.replace("-", " "), *self.scopes)
        return " ".join((*said, *members, *shown, *codes)).casefold()


@dataclass(frozen=True)
class Tag:
    """A resource and its operations, in the order of the document."""

    slug: str
    title: str
    description: str
    operations: tuple[Operation, ...]

    @property
    def href(self) -> str:
        """Where its operations are listed."""
        return f"{ROOT}/{self.slug}"


@dataclass(frozen=True)
class Reference:
    """The document as people read it; `base_url` is where this installation is reached."""

    document: Mapping[str, Any]
    base_url: str

    @property
    def version(self) -> str:
        """The version of the API that the document describes."""
        return str(self.document["info"]["version"])

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """Every resource."""
        read = list(self._operations())
        return tuple(
            Tag(
                slug := _slug(tag["name"]),
                slug.replace("-", " ").capitalize().replace("Skus", "SKUs"),
                tag["description"],
                tuple(each for each in read if each.tag == slug),
            )
            for tag in self.document["tags"]
        )

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Operation]:
        """Every operation by tag and slug."""
        return {(each.tag, each.slug): each for tag in self.tags for each in tag.operations}

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem that any operation may answer with, by code."""
        every = {each.code: each for one in self.operations.values() for each in one.problems}
        return tuple(every[code] for code in sorted(every))

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas that operations name."""
        return Schemas(self.document["components"]["schemas"])

    def search(self, words: str) -> tuple[Operation, ...]:
        """Return the operations in which every word is found; those that name it come first."""
        wanted = words.casefold().split()
        found = [
            each for each in self.operations.values() if all(word in each.words for word in wanted)
        ]
        return tuple(sorted(found, key=lambda each: not all(word in each.title for word in wanted)))

    def _operations(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            in_path = methods.get("parameters", [])
            for method, described in methods.items():
                if method != "parameters":
                    yield self._operation(method.upper(), path, in_path, described)

    def _operation(
        self, method: str, path: str, in_path: list[Any], described: Mapping[str, Any]
    ) -> Operation:
        parameters = [*in_path, *described.get("parameters", ())]
        names = {each["name"] for each in parameters}
        content = described.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
        url = self.base_url + path
        for each in in_path:
            url = url.replace(f"{{{each['name']}}}", str(each["schema"].get("example", "…")))
        sample = None if content is None else self.schemas.sample(content, whole=False)
        return Operation(
            tag=_slug(described["tags"][0]),
            slug=_slug(described["operationId"].removeprefix(f"{described['tags'][0]}_")),
            anchor=described["operationId"],
            method=method,
            path=path,
            summary=described["summary"],
            description=described.get("description", ""),
            scopes=tuple(scope for each in described["security"] for scope in each["token"]),
            parameters={
                place: tuple(self._parameter(each) for each in parameters if each["in"] == place)
                for place in ("path", "query", "header")
            },
            body=() if content is None else tuple(self.schemas.members(content)),
            request=Request(method, url, "Idempotency-Key" in names, "If-Match" in names, sample),
            answer=self._answer(described["responses"]),
            problems=tuple(_problems(described["responses"])),
        )

    def _parameter(self, parameter: Mapping[str, Any]) -> Member:
        described = {"description": parameter.get("description", ""), **parameter["schema"]}
        return self.schemas.member(parameter["name"], described, parameter.get("required", False))

    def _answer(self, responses: Mapping[str, Any]) -> Answer:
        status = next(code for code in responses if code.startswith("2"))
        found = responses[status]
        schema = found.get("content", {}).get(JSON, {}).get("schema")
        example = None if schema is None else as_json(self.schemas.sample(schema, whole=True))
        headers = found.get("headers", {})
        return Answer(
            int(status),
            HTTPStatus(int(status)).phrase,
            () if schema is None else tuple(self.schemas.members(schema)),
            example,
            tuple((name, headers[name]["description"]) for name in headers),
        )


def _problems(responses: Mapping[str, Any]) -> Iterator[Problem]:
    for status in sorted(responses):
        for each in responses[status].get("x-problems", ()):
            yield Problem(int(status), each["code"], each["title"])


def _slug(name: str) -> str:
    return name.replace("_", "-")
