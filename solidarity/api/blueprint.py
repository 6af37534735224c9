"""The frame of the JSON interface: how pages are counted, and how errors are said."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from flask import Blueprint, Response, abort, jsonify, make_response, request

from solidarity.web import caching, query_params

PER_PAGE = 20
MOST_PER_PAGE = 100

blueprint = Blueprint("api", __name__)
blueprint.after_request(caching.make_cacheable)

Row = TypeVar("Row")


def page() -> int:
    """The page asked for, counted from 1; else 400."""
    return _number("page", 1, query_params.LAST_PAGE, beyond=query_params.LAST_PAGE)


def per_page() -> int:
    """How many on a page, 1 to 100; else 400."""
    return _number("per_page", PER_PAGE, MOST_PER_PAGE, beyond=None)


def _number(name: str, default: int, most: int, *, beyond: int | None) -> int:
    """The number in parameter `name`; above `most` it counts as `beyond`, or is refused where that is None."""
    raw = request.args.get(name, str(default))
    number = query_params.whole(raw, most + 1)
    if number is not None and number > most:
        number = beyond
    if not number:
        limit = f" from 1 to {most}" if beyond is None else " from 1 on"
        refuse(400, f"{name} must be a whole number{limit}.")
    return number


def found(row: Row | None) -> Row:
    """`row`, or the JSON way of saying that there is none."""
    if row is None:
        refuse(404, "There is nothing at this address.")
    return row


def refuse(status: int, words: str) -> NoReturn:
    """End the request with {"error"}."""
    abort(_error(status, words))


def _error(status: int, words: str) -> Response:
    return make_response(jsonify(error=words), status)


@blueprint.get("/", defaults={"rest": ""})
@blueprint.get("/<path:rest>")
def unknown(rest: str) -> Response:  # noqa: ARG001 - any address that is none of ours
    """There is no such address."""
    return _error(404, "There is no such address. See /api/v1/search, /api/v1/stories and /api/v1/guides.")
