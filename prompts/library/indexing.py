"""The rows of the search index: what of a template is looked at, written and taken away."""

from __future__ import annotations

from typing import NamedTuple

from sqlite_utils import Database

from prompts.search import MAX_INDEXED_CHARS, fold, index_terms
from prompts.template import Category, PromptTemplate, parse

_CATEGORY_TOKEN = {category: f"zzc{number}" for number, category in enumerate(Category)}


class IndexRow(NamedTuple):
    """The three columns of `search_index`, best first."""

    title: str
    keywords: str
    body: str


def keywords_key(template: PromptTemplate) -> str:
    """Folded words a template is known by besides its title."""
    return fold(" ".join((*template.tags, template.category.value, template.issuer)))


def index_row(template: PromptTemplate) -> IndexRow:
    """The tokens of a template. The category is one token more among the keywords."""
    labels = " ".join(field.label for field in template.fields)
    body = fold(f"{template.description} {labels} {template.body[:MAX_INDEXED_CHARS]}")
    return IndexRow(
        index_terms(fold(template.title)),
        f"{_CATEGORY_TOKEN[template.category]} {index_terms(keywords_key(template))}",
        index_terms(body),
    )


def category_filter(category: Category | None) -> str:
    """What restricts an FTS5 expression to one category."""
    return "" if category is None else f" AND keywords : {_CATEGORY_TOKEN[category]}"


def add(database: Database, row: int, template: PromptTemplate) -> None:
    """Makes a template findable."""
    database.conn.execute(
        "INSERT INTO search_index (rowid, title, keywords, body) VALUES (?, ?, ?, ?)",
        (row, *index_row(template)),
    )


def remove(database: Database, row: int, text: str) -> None:
    """Takes a template out, given the text that was indexed (the index keeps no copy of it)."""
    database.conn.execute(
        "INSERT INTO search_index (search_index, rowid, title, keywords, body) VALUES ('delete', ?, ?, ?, ?)",
        (row, *index_row(parse(text))),
    )


def rebuild(database: Database) -> None:
    """Indexes everything visible anew."""
    database.conn.execute("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    rows = database.conn.execute(
        "SELECT t.row, r.text FROM templates t"
        " JOIN revisions r ON r.row = t.row AND r.revision = t.revision WHERE t.visible"
    )
    for row, text in rows.fetchall():
        add(database, row, parse(text))
