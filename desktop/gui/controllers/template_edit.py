"""A template under the builder's hands: edits that may be wrong for a while, and what is wrong with them."""

from __future__ import annotations

import contextlib
import datetime
import re
import uuid
from dataclasses import asdict, dataclass, fields, replace

from PySide6.QtCore import QObject, Signal

from desktop.drafting import messages
from desktop.drafting.sharing import key_words
from desktop.gui.controllers.parts import Content
from desktop.gui.messages import message_for
from prompts.errors import FieldValueError, MissingFieldError, PromptsError, TemplateSyntaxError
from prompts.library import Shelf
from prompts.template import (
    SCHEMA,
    Accuracy,
    Category,
    Example,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
    Rule,
    SamplingParams,
    dump,
    lint,
    parse,
    placeholders,
    render,
)
from prompts.template.model import NAME, PLACEHOLDER

KIND = "template"
PREFIX = "template-"
_PLACE = re.compile(r"^(fields|cautions|checklist|tags)\[(\d+)\](?:\.(\w+))?$")
_ADVICE = {
    Rule.UNUSED_FIELD: "本文のどこにも使われていません。「本文に入れる」で入れられます。",
    Rule.TOO_MANY_REQUIRED: "必須の項目が多いと、書き始めにくくなります。3つまでが目安です。",
    Rule.TEXT_AFTER_DATA: "長い資料の後ろに指示があります。指示を先に書くと、速く正確になります。",
    Rule.NO_CHECKLIST: "まだ空です。職員が確かめる項目を書いてください。",
    Rule.NO_DESCRIPTION: "まだ空です。一覧で選ぶときの手がかりになります。",
}


@dataclass(frozen=True)
class Problem:
    """Something to mend, or to think about.

    Attributes:
        key: Where: a key of the format such as `title`, `fields.NAME.options`, or `body`.
        words: What, in a sentence.
        is_fatal: It cannot be saved so.
        missing: The name in `{{…}}` that has no field, where that is the matter.
    """

    key: str
    words: str
    is_fatal: bool
    missing: str = ""


class TemplateEdit(QObject):
    """The state of the form builder.

    Attributes:
        template: As it stands, right or wrong.
        shelf: Where it is to be saved.
        is_new: It never was in the library.
        is_settled: It was saved or thrown away.

    Signals:
        changed: The template is another now.
        fields_changed: Fields came, went or moved: the builder lays them out anew.
    """

    changed = Signal()
    fields_changed = Signal()

    def __init__(
        self,
        template: PromptTemplate,
        *,
        shelf: Shelf = Shelf.PERSONAL,
        is_new: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.template, self.shelf, self.is_new = template, shelf, is_new
        self.is_settled = False

    @property
    def draft_id(self) -> str:
        """The name under which the unsaved edit is kept."""
        return f"{PREFIX}{self.template.id}"

    # --- changes ------------------------------------------------------------------------------

    def put(self, **values: object) -> None:
        """Change keys of the template."""
        changed = replace(self.template, **values)  # type: ignore[arg-type]
        if changed != self.template:
            self.template = changed
            self.changed.emit()

    def set_shelf(self, shelf: Shelf) -> None:
        """Where it is to be saved."""
        if shelf is not self.shelf:
            self.shelf = shelf
            self.changed.emit()

    def put_field(self, index: int, **values: object) -> None:
        """Change a field; a new name is followed by the body and the examples."""
        before = self.template.fields[index]
        after = replace(before, **values)  # type: ignore[arg-type]
        if after == before:
            return
        changed = [*self.template.fields]
        changed[index] = after
        template = replace(self.template, fields=tuple(changed))
        others = {field.name for place, field in enumerate(changed) if place != index}
        is_apart = not others & {before.name, after.name}
        if after.name != before.name and is_apart and NAME.fullmatch(after.name):
            template = _renamed(template, before.name, after.name)
        self.template = template
        self.changed.emit()

    def add_field(self, name: str = "") -> None:
        """A new field at the end; the name of a placeholder that has none, or a free one."""
        taken = {field.name for field in self.template.fields}
        number = 1
        while not name or name in taken:
            name, number = f"項目{number}", number + 1
        self._lay_out([*self.template.fields, Field(name, name)])

    def remove_field(self, index: int) -> None:
        """Take a field away, from the body and the examples too."""
        gone = self.template.fields[index].name
        kept = [field for place, field in enumerate(self.template.fields) if place != index]
        examples = tuple(
            replace(example, values=tuple(v for v in example.values if v[0] != gone))
            for example in self.template.examples
        )
        body = re.sub(rf"\{{\{{[ \t\u3000]*{re.escape(gone)}[ \t\u3000]*\}}\}}", "", self.template.body)
        self.template = replace(self.template, examples=examples, body=body)
        self._lay_out(kept)

    def move_field(self, index: int, step: int) -> None:
        """Move a field up (-1) or down (1)."""
        target = index + step
        if 0 <= target < len(self.template.fields):
            moved = [*self.template.fields]
            moved[index], moved[target] = moved[target], moved[index]
            self._lay_out(moved)

    def _lay_out(self, laid: list[Field]) -> None:
        self.template = replace(self.template, fields=tuple(laid))
        self.fields_changed.emit()
        self.changed.emit()

    # --- checks -------------------------------------------------------------------------------

    def problems(self) -> list[Problem]:
        """What cannot stay, then what could be better."""
        found = [
            Problem(key, f"{key_words(key)}が空です。", is_fatal=True)
            for key in ("title", "body")
            if not str(getattr(self.template, key)).strip()
        ]
        error = self.error()
        is_missing = isinstance(error, TemplateSyntaxError) and error.reason == "unknown_placeholder"
        if error is not None and not found and not is_missing:
            place = self._place(error)
            found.append(Problem(place, _sentence(error, place, self.template), is_fatal=True))
        found += [
            Problem("body", f"本文の {{{{{name}}}}} に当たる項目がありません。", True, name)
            for name in self._missing()
        ]
        if found:
            return found
        return [
            Problem(
                finding.key,
                f"{key_words(finding.key, self.template)}: {_ADVICE[finding.rule]}",
                is_fatal=False,
            )
            for finding in lint(self.template)
            if finding.rule in _ADVICE
        ]

    def error(self) -> PromptsError | None:
        """Why the template cannot be stored as it stands; None when it can."""
        try:
            parse(dump(self.template))
        except PromptsError as error:
            return error
        return None

    def preview(self) -> str:
        """The request as the examples fill it; the fields' labels stand where there is no example."""
        values = {
            field.name: field.example or field.default or f"（{field.label}）"
            for field in self.template.fields
        }
        if set(placeholders(self.template.body)) <= set(values):
            with contextlib.suppress(FieldValueError, MissingFieldError):
                return render(self.template, values).text
        return PLACEHOLDER.sub(lambda m: values.get(m.group(1), m.group(0)), self.template.body)

    def _missing(self) -> list[str]:
        known = {field.name for field in self.template.fields}
        return [n for n in placeholders(self.template.body) if n not in known and NAME.fullmatch(n)]

    def _place(self, error: PromptsError) -> str:
        key = error.key if isinstance(error, TemplateSyntaxError) else ""
        if found := _PLACE.match(key):
            part, number, entry = found[1], int(found[2]) - 1, found[3]
            if part == "fields" and number < len(self.template.fields):
                name = self.template.fields[number].name
                return f"fields.{name}.{entry}" if entry else f"fields.{name}"
            return part
        return key if key in {entry.name for entry in fields(PromptTemplate)} else "body"

    # --- keeping ------------------------------------------------------------------------------

    def content(self) -> Content:
        """The edit as plain data, for the encrypted store alone."""
        title = self.template.title.strip() or "題名なし"
        return {
            "kind": KIND,
            "title": "ひな形の編集",
            "hint": f"ひな形: {title[:14]}",
            "shelf": self.shelf.value,
            "is_new": self.is_new,
            "template": asdict(self.template),
        }

    def to_save(self, present: PromptTemplate | None) -> PromptTemplate:
        """The template as it is stored: dated today, its version after the present one's."""
        today = datetime.date.today().isoformat()
        made = parse(dump(self.template))
        if present is None or replace(made, version=present.version, updated=present.updated) == present:
            return made if present is None else present
        version = made.version
        if made.version_key <= present.version_key:
            major, minor, _ = present.version_key
            version = f"{major}.{minor + 1}"
        return replace(made, version=version, updated=today)


def edit_from_content(content: Content, *, parent: QObject | None = None) -> TemplateEdit:
    """An unsaved edit as it was left.

    Raises:
        ValueError, KeyError, TypeError: It is not one.
    """
    row = dict(content["template"])
    row["category"] = Category(row["category"])
    row["accuracy"] = Accuracy(row["accuracy"])
    row["personal_information"] = PersonalInformation(row["personal_information"])
    row["params"] = SamplingParams(**row["params"])
    row["fields"] = tuple(
        Field(**{**field, "type": FieldType(field["type"]), "options": tuple(field["options"])})
        for field in row["fields"]
    )
    row["examples"] = tuple(
        Example(e["title"], tuple((str(k), str(v)) for k, v in e["values"]), e["output"])
        for e in row["examples"]
    )
    for name in ("tags", "cautions", "checklist"):
        row[name] = tuple(row[name])
    shelf, is_new = Shelf(content["shelf"]), bool(content["is_new"])
    return TemplateEdit(PromptTemplate(**row), shelf=shelf, is_new=is_new, parent=parent)


def empty_template(person: str) -> PromptTemplate:
    """What 「新しいひな形を作る」 begins with."""
    return PromptTemplate(
        schema=SCHEMA,
        id=str(uuid.uuid4()),
        version="1.0",
        title="",
        category=Category.DRAFTING,
        issuer=person,
        updated=datetime.date.today().isoformat(),
        body="次の内容で、文書を作成してください。\n\n件名：{{件名}}\n\n要点：\n・{{要点}}",
        fields=(
            Field("件名", "件名", required=True, verbatim=True),
            Field("要点", "要点", type=FieldType.LONG_TEXT, help="1行に1つずつ書きます。"),
        ),
        checklist=("日付・金額・数値・固有名詞を資料と照合した",),
    )


def _renamed(template: PromptTemplate, old: str, new: str) -> PromptTemplate:
    pattern = re.compile(rf"\{{\{{[ \t\u3000]*{re.escape(old)}[ \t\u3000]*\}}\}}")
    body = pattern.sub(lambda _: f"{{{{{new}}}}}", template.body)
    examples = tuple(
        replace(example, values=tuple((new if k == old else k, v) for k, v in example.values))
        for example in template.examples
    )
    return replace(template, body=body, examples=examples)


def _sentence(error: PromptsError, place: str, template: PromptTemplate) -> str:
    """The sentence for a fault at its place in the builder, not at the line of a file nobody sees."""
    if not isinstance(error, TemplateSyntaxError):
        return message_for(error).what
    why = messages.message_for(TemplateSyntaxError(0, "", error.reason)).what
    return f"{key_words(place, template)}: {why.removeprefix('ひな形の内容: ')}"
