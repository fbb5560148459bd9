"""Writes the published schema: `python -m bot.web.openapi docs/reference/openapi.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from bot.web.routes import described, mount


def schema() -> dict[str, Any]:
    """The OpenAPI document, which depends on nothing but the code."""
    web = FastAPI(**described())
    mount(web)
    return web.openapi()


def main() -> None:
    """Write it to the file named on the command line."""
    text = json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
