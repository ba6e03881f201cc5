"""The library's schema, step by step. Append only: a released step is never edited.

Each step runs in one transaction together with the record that it ran.
"""

from __future__ import annotations

from typing import Any

from sqlite_utils.migrations import Migrations

library = Migrations("prompts")


@library()
def first_library(db: Any) -> None:
    """Templates with their revisions, a person's marks, approvals and shelves."""
    for statement in (
        """CREATE TABLE templates (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            shelf TEXT NOT NULL,
            visible INTEGER NOT NULL,
            title TEXT NOT NULL,
            title_key TEXT NOT NULL,
            keywords_key TEXT NOT NULL,
            category TEXT NOT NULL,
            tags TEXT NOT NULL,
            description TEXT NOT NULL,
            version TEXT NOT NULL,
            updated TEXT NOT NULL,
            accuracy TEXT NOT NULL,
            confidentiality INTEGER NOT NULL,
            demo_model INTEGER NOT NULL,
            minutes_by_hand INTEGER NOT NULL,
            status TEXT NOT NULL,
            revision INTEGER NOT NULL,
            saved_at TEXT NOT NULL,
            deleted_at TEXT NOT NULL DEFAULT '',
            UNIQUE (id, shelf)
        )""",
        "CREATE INDEX templates_by_title ON templates (title_key) WHERE visible = 1",
        "CREATE INDEX templates_by_category ON templates (category, title_key) WHERE visible = 1",
        """CREATE TABLE revisions (
            row INTEGER NOT NULL REFERENCES templates (row) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            version TEXT NOT NULL,
            text TEXT NOT NULL,
            saved_at TEXT NOT NULL,
            saved_by TEXT NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (row, revision)
        )""",
        """CREATE TABLE marks (
            id TEXT PRIMARY KEY,
            is_favourite INTEGER NOT NULL DEFAULT 0,
            use_count INTEGER NOT NULL DEFAULT 0,
            last_used TEXT NOT NULL DEFAULT '',
            rating INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX marks_by_use ON marks (last_used)",
        """CREATE TABLE reviews (
            row INTEGER NOT NULL REFERENCES templates (row) ON DELETE CASCADE,
            status TEXT NOT NULL,
            reviewed_by TEXT NOT NULL,
            reviewed_at TEXT NOT NULL,
            note TEXT NOT NULL
        )""",
        "CREATE INDEX reviews_by_row ON reviews (row)",
        """CREATE TABLE shelves (
            shelf TEXT PRIMARY KEY,
            digest TEXT NOT NULL,
            last_contact TEXT NOT NULL
        )""",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ):
        db.execute(statement)


@library()
def search_indexes(db: Any) -> None:
    """Full-text indexes without contents of their own; the library fills them when it opens."""
    for statement in (
        # Names keep positions (words are phrases of pairs); bodies only tell which pairs they hold.
        """CREATE VIRTUAL TABLE name_index USING fts5(
            title, keywords, content='', prefix='1', tokenize='unicode61 remove_diacritics 0'
        )""",
        """CREATE VIRTUAL TABLE body_index USING fts5(
            body, content='', prefix='1', detail='none', tokenize='unicode61 remove_diacritics 0'
        )""",
    ):
        db.execute(statement)
