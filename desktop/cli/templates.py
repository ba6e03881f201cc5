"""`kian templates`: the prompt library in the terminal."""

from __future__ import annotations

import argparse
from typing import Any

from desktop.cli.output import give, give_json
from desktop.drafting.paths import Paths
from desktop.drafting.workplace import open_library
from prompts.template import PromptTemplate


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `templates` and what can be done with them."""
    parser = commands.add_parser("templates", help="ひな形を扱います")
    actions = parser.add_subparsers(dest="action", required=True, metavar="操作")
    listing = actions.add_parser("list", help="ひな形の一覧を表示します")
    listing.add_argument("--json", action="store_true", help="JSONで出力します")
    listing.set_defaults(run=run_list)


def run_list(arguments: argparse.Namespace) -> int:
    """List every template."""
    paths = Paths.from_environment()
    paths.ensure()
    with open_library(paths) as library:
        templates = [library.get(card.id) for card in library.list()]
    if arguments.json:
        give_json([template_json(template) for template in templates])
        return 0
    for template in templates:
        mark = "（見本モデルで試せます）" if template.demo_model else ""
        give(f"{template.id}  {template.category}  {template.title}{mark}")
    return 0


def template_json(template: PromptTemplate) -> dict[str, Any]:
    """A template as the terminal's JSON describes it."""
    return {
        "id": template.id,
        "title": template.title,
        "category": template.category.value,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "type": field.type.value,
                "required": field.required,
                "options": list(field.options),
                "example": field.example,
            }
            for field in template.fields
        ],
        "demo_model": template.demo_model,
    }
