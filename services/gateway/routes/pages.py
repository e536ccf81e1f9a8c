"""The page for people: one shell for all its addresses, and the files that it loads."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from services.gateway.answers.entity_tags import not_modified, tag_of
from services.gateway.answers.errors import ApiError
from services.gateway.answers.page_missing import page_missing
from services.gateway.answers.request_codes import RequestCode
from services.gateway.routes.dependencies import PageDep

ADDRESSES = (
    "/",
    "/batches/{batch_id}",
    "/batches/{batch_id}/images/{index}",
    "/recipes",
    "/recipes/{name}",
    "/system",
)
"""The page itself finds out what to show at each."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

_TAKES_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE)
"""Of quality 0 is what a client does not take (RFC 9110, 12.4.2)."""

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


def show_page(request: Request, page: PageDep) -> Response:
    """The shell, or where there is none, how to come by it."""
    root_path = request.scope["root_path"]
    shell = page.shell(root_path)
    if shell is None:
        return HTMLResponse(page_missing(root_path), headers={"Cache-Control": "no-store"})
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": tag_of(shell),
    }
    return not_modified(request, headers) or HTMLResponse(shell, headers=headers)


for _address in ADDRESSES:
    router.add_api_route(_address, show_page)


@router.get("/assets/{name}")
def show_asset(page: PageDep, name: str, accept_encoding: Annotated[str, Header()] = "") -> FileResponse:
    """A file of the page, compressed where the browser takes that; its name changes with its content."""
    path = page.asset(name)
    if path is None or path.suffix not in _MEDIA_TYPES:
        raise ApiError(RequestCode.NOT_FOUND)
    media_type = _MEDIA_TYPES[path.suffix]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    compressed = page.asset(f"{name}.gz") if _TAKES_GZIP.search(accept_encoding) else None
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return FileResponse(compressed or path, media_type=media_type, headers=headers)
