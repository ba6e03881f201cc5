"""What the readers of foreign formats share: names for fields, ids that stay, a form for bare texts."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable

from prompts.template import SCHEMA, Category, Field, FieldType, PromptTemplate

_NAMESPACE = uuid.UUID("0d6c0f6e-54c1-5d4c-9a3b-6f3b2b1f7a10")
_CATEGORY_WORDS = (
    (Category.TRANSLATION, ("翻訳", "やさしい日本語", "translat", "language")),
    (Category.MEETING, ("会議", "議事", "meeting", "minutes", "transcript")),
    (Category.SUMMARY, ("要約", "summar", "extract", "tl;dr", "digest")),
    (Category.MAIL, ("メール", "email", "e-mail", "mail")),
    (Category.SPREADSHEET, ("excel", "エクセル", "vba", "マクロ", "spreadsheet", "関数", "sql", "code")),
    (Category.REVIEW, ("校正", "点検", "添削", "proofread", "review", "check", "grammar", "improve")),
    (Category.PUBLICITY, ("広報", "sns", "チラシ", "press", "tweet", "social")),
    (Category.RESIDENTS, ("住民", "窓口", "問い合わせ", "苦情", "faq", "customer", "support")),
    (Category.IDEAS, ("アイデア", "企画", "brainstorm", "idea", "plan")),
)
INPUT = Field(
    name="input",
    label="資料・追加の情報",
    type=FieldType.LONG_TEXT,
    help="取り込んだひな形に入力欄が無かったため、追加した欄です。",
)


def make_template(
    *,
    kind: str,
    key: str,
    title: str,
    body: str,
    fields: Iterable[Field] = (),
    system: str = "",
    category: str = "",
    tags: Iterable[str] = (),
    description: str = "",
    issuer: str = "",
    template_id: str = "",
) -> PromptTemplate:
    """A template from a foreign entry. The same kind and key give the same id again.

    `template_id` is taken where it is a UUID: a list of our own that comes back names its templates.

    An entry without any field gets one optional field for the person's own text, so that it can
    be filled like every other. Personal information in it is treated as 要マスキング.
    """
    found = tuple(fields)
    body = body.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
    if not found and body:
        found = (INPUT,)
        body = f"{body}\n\n{{{{{INPUT.name}}}}}"
    return PromptTemplate(
        schema=SCHEMA,
        id=_uuid(template_id) or str(uuid.uuid5(_NAMESPACE, f"{kind}:{key}")),
        version="1.0",
        title=one_line(title)[:120],
        category=guess_category(category, f"{title} {' '.join(tags)}"),
        body=body,
        tags=tuple(dict.fromkeys(tag for word in tags if (tag := one_line(word)[:60])))[:100],
        description=description.strip()[:2000],
        issuer=one_line(issuer)[:120],
        system=system.replace("\r\n", "\n"),
        fields=found,
    )


def _uuid(text: str) -> str:
    """The canonical UUID of a text; empty when it is none."""
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return ""


def one_line(text: str) -> str:
    """A text on one line without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def guess_category(named: str, words: str) -> Category:
    """The category that is named, or the one the words point to, or 文案作成."""
    named = unicodedata.normalize("NFKC", named).strip()
    for category in Category:
        if named == unicodedata.normalize("NFKC", category.value):
            return category
    folded = f"{named} {words}".casefold()
    for category, signs in _CATEGORY_WORDS:
        if any(sign in folded for sign in signs):
            return category
    return Category.DRAFTING


class Names:
    """Gives every variable of a foreign template a name that our format allows."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, variable: str) -> str:
        """The name for a variable; the same one for the same variable."""
        if variable not in self._names:
            name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", variable)).strip("_")[:36] or "value"
            if name[0].isdigit():
                name = f"v_{name}"
            number, taken = 2, set(self._names.values())
            base = name
            while name in taken:
                name, number = f"{base}_{number}", number + 1
            self._names[variable] = name
        return self._names[variable]


def replace_variables(pattern: re.Pattern[str], text: str, name_of: Callable[[re.Match[str]], str]) -> str:
    """Turns what a pattern finds into placeholders and parts all other double braces.

    Args:
        pattern: finds the variables.
        text: a foreign body.
        name_of: gives the name for a variable; an empty name leaves it as plain text.
    """

    def mark(match: re.Match[str]) -> str:
        name = name_of(match)
        return f"\0{name}\1" if name else match.group(0)

    marked = pattern.sub(mark, text.replace("\0", "").replace("\1", ""))
    while "{{" in marked or "}}" in marked:
        marked = marked.replace("{{", "{ {").replace("}}", "} }")
    # A single brace beside a placeholder would make it three.
    marked = marked.replace("{\0", "{ \0").replace("\1}", "\1 }")
    return marked.replace("\0", "{{").replace("\1", "}}")
