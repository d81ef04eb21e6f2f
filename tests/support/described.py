# SPDX-License-Identifier: Apache-2.0
"""What docs/formats/openapi.json says of a call, held against what was sent and what came back.

    route = described.find("POST", "/api/find")
    described.body(route, {"text": "x"})            a list of problems, empty when there are none
    described.answer(route, {"status": "ok", ...})
"""

import functools
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "docs/formats/openapi.json").read_text(encoding="utf-8"))
JSON = "application/json"


@functools.cache
def validator(pointer: str):
    """For the part of the document that a JSON pointer leads to."""
    import jsonschema
    import referencing.jsonschema

    resource = referencing.jsonschema.DRAFT202012.create_resource(DOCUMENT)
    registry = referencing.Registry().with_resource("urn:openapi", resource)
    return jsonschema.Draft202012Validator({"$ref": f"urn:openapi#{pointer}"}, registry=registry)


def pointer(*words: str) -> str:
    return "".join("/" + word.replace("~", "~0").replace("/", "~1") for word in words)


def problems(document, where: str) -> list[str]:
    return [f"{where}: {error.json_path}: {error.message[:300]}"
            for error in validator(where).iter_errors(document)]


class Route:
    """One operation of the document."""

    def __init__(self, path: str, method: str):
        self.path, self.method = path, method
        self.operation = DOCUMENT["paths"][path][method]
        self.events = self.operation["x-events"]

    def __eq__(self, other):
        return (self.path, self.method) == (other.path, other.method)

    def __hash__(self):
        return hash((self.path, self.method))

    def __repr__(self):
        return f"{self.method.upper()} {self.path}"


def routes() -> set[Route]:
    return {Route(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}


def find(method: str, path: str) -> Route:
    # A path without a parameter goes before one with it, as OpenAPI says.
    for route in sorted(routes(), key=lambda each: each.path.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path))
        if route.method == method.lower() and re.fullmatch(pattern, path):
            return route
    raise AssertionError(f"{method} {path} is not in the document")


def body(route: Route, sent: dict) -> list[str]:
    return problems(sent, pointer("paths", route.path, route.method, "requestBody", "content", JSON,
                                  "schema"))


def answer(route: Route, said: dict) -> list[str]:
    """Of {"status", "body"}, or a door's {"error"}; how it ended decides what it must look like."""
    code = "200" if said.get("status") == "ok" else "default"
    where = pointer("paths", route.path, route.method, "responses", code)
    if "$ref" in route.operation["responses"][code]:
        where = route.operation["responses"][code]["$ref"].removeprefix("#")
    return problems(said, where + pointer("content", JSON, "schema"))


def event(said: dict, kinds) -> list[str]:
    """Of an event that may have one of these kinds."""
    kind = said["kind"]
    if kind not in kinds:
        return [f"no event {kind} is described here, only {' '.join(sorted(kinds))}"]
    greeting = kind in ("hello", "reset")  # tells no time
    whole = [] if greeting else problems(said, "/components/schemas/CoreEvent")
    return whole + problems(said.get("data", {}), f"/x-event-data/{kind}")
