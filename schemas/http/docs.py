"""The page /docs: the app's own OpenAPI document, readable and to be tried out, without a byte from elsewhere.

Swagger UI is kept beside this module in one version; its CHECKSUMS file says of what bytes it consists.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

VERSION: Final = "5.35.0"
STATIC: Final = Path(__file__).with_name("static")
SWAGGER_UI: Final = STATIC / "swagger-ui" / VERSION

# Inline styles: Swagger UI's own, on elements it makes. Nothing else may come from anywhere but this server.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def install_docs(app: FastAPI) -> None:
    """Serve /docs; for an app made with `docs_url=None`. Addresses are relative, so a proxy may add a prefix."""
    page = (STATIC / "docs.html").read_text(encoding="utf-8")
    page = page.replace("{title}", html.escape(app.title)).replace("{version}", VERSION)

    async def docs() -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    async def start() -> Response:
        return FileResponse(STATIC / "start.js", media_type="text/javascript", headers=_HEADERS)

    app.add_api_route("/docs", docs, include_in_schema=False)
    app.add_api_route("/docs/start.js", start, include_in_schema=False)
    app.mount(f"/docs/{VERSION}", StaticFiles(directory=SWAGGER_UI))
