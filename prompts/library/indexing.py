"""The rows of the search indexes: what of a template is looked at, written and taken away."""

from __future__ import annotations

from typing import NamedTuple

from sqlite_utils import Database

from prompts.search import MAX_INDEXED_CHARS, distinct_terms, fold, index_terms
from prompts.template import Category, PromptTemplate, parse

_CATEGORY_TOKEN = {category: f"zzc{number}" for number, category in enumerate(Category)}


class IndexRow(NamedTuple):
    """The tokens of `name_index` (title, keywords) and `body_index`."""

    title: str
    keywords: str
    body: str


def keywords_key(template: PromptTemplate) -> str:
    """Folded words a template is known by besides its title."""
    return fold(" ".join((*template.tags, template.category.value, template.issuer)))


def body_key(template: PromptTemplate) -> str:
    """The folded text that is looked at last."""
    labels = " ".join(field.label for field in template.fields)
    return fold(f"{template.description} {labels} {template.body[:MAX_INDEXED_CHARS]}")


def index_row(template: PromptTemplate) -> IndexRow:
    """The tokens of a template; its category is one token more in both indexes."""
    category = _CATEGORY_TOKEN[template.category]
    return IndexRow(
        index_terms(fold(template.title)),
        f"{category} {index_terms(keywords_key(template))}",
        f"{category} {distinct_terms(body_key(template))}",
    )


def category_filter(category: Category | None) -> str:
    """What restricts an FTS5 expression to one category."""
    return "" if category is None else f' AND "{_CATEGORY_TOKEN[category]}"'


def add(database: Database, row: int, template: PromptTemplate) -> None:
    """Makes a template findable."""
    title, keywords, body = index_row(template)
    execute = database.conn.execute
    execute("INSERT INTO name_index (rowid, title, keywords) VALUES (?, ?, ?)", (row, title, keywords))
    execute("INSERT INTO body_index (rowid, body) VALUES (?, ?)", (row, body))


def remove(database: Database, row: int, text: str) -> None:
    """Takes a template out, given the text that was indexed (the indexes keep no copy of it)."""
    title, keywords, body = index_row(parse(text))
    execute = database.conn.execute
    execute(
        "INSERT INTO name_index (name_index, rowid, title, keywords) VALUES ('delete', ?, ?, ?)",
        (row, title, keywords),
    )
    execute("INSERT INTO body_index (body_index, rowid, body) VALUES ('delete', ?, ?)", (row, body))


def rebuild(database: Database) -> None:
    """Indexes everything visible anew."""
    for index in ("name_index", "body_index"):
        database.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")
    rows = database.conn.execute(
        "SELECT t.row, r.text FROM templates t"
        " JOIN revisions r ON r.row = t.row AND r.revision = t.revision WHERE t.visible"
    )
    for row, text in rows.fetchall():
        add(database, row, parse(text))
