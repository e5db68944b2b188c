"""HTML from the templates beside this file: every value is escaped; a value that a template lacks is an error."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

GENERATOR = '<meta name="generator" content="gr-semcom">'
"""By which a page is known as one of ours."""


def render_page(template: str, **values: Any) -> str:
    """One whole page without outside references."""
    return _environment().get_template(template).render(generator=Markup(GENERATOR), **values) + "\n"


@lru_cache(1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
