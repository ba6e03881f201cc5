"""The template as a value: what a `.prompt.md` file holds. Documented in docs/template-format.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

SCHEMA = 1
"""The version of the format that this program writes."""

NAME = re.compile(r"[^\W\d]\w{0,39}")
"""A field's name: a letter of any script or `_`, then letters, digits and `_`; 40 at most."""

PLACEHOLDER = re.compile(r"(?<!\{)\{\{[ \t\u3000]*([^{}\n]*?)[ \t\u3000]*\}\}(?!\})")
"""`{{name}}`, spaces inside allowed. What stands inside is checked against `NAME`."""


class FieldType(StrEnum):
    """How a field is filled. The window chooses its widget by it, `render` its check."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CHECKBOX = "checkbox"
    TABLE = "table"
    ATTACHMENT = "attachment"


class Category(StrEnum):
    """The ten groups of tasks on the home screen, in its order."""

    IDEAS = "企画・アイデア"
    DRAFTING = "文案作成"
    SUMMARY = "要約"
    MAIL = "メール"
    MEETING = "会議"
    PUBLICITY = "広報"
    SPREADSHEET = "表計算・マクロ"
    TRANSLATION = "翻訳・やさしい日本語"
    REVIEW = "点検・校正"
    RESIDENTS = "住民対応"


class Accuracy(StrEnum):
    """正確性の水準: how much harm an error in the draft would do."""

    LOW = "低"
    MIDDLE = "中"
    HIGH = "高"


class PersonalInformation(StrEnum):
    """Whether the task may touch personal information. Everything is masked in any case.

    `ALLOWED` 可: names of officials or published contacts at most. `MASKED` 要マスキング: the task
    handles residents' information, and the finds must be looked at one by one. `FORBIDDEN` 否: the
    task needs none, and a find is a reason to stop and take it out.
    """

    ALLOWED = "可"
    FORBIDDEN = "否"
    MASKED = "要マスキング"


_NOUNS = (
    (r"メール|E-?mail", "メールアドレス"),
    (r"電話|問い?合わ?せ|連絡先", "電話番号"),
    (r"文書番号|整理番号|受付番号", "番号"),
    (r"日時|日付|日程|期間|期限|期日|締切|締め切り|年月日|時間|時刻|次回|日$|とき$", "日付"),
    (r"場所|会場|ところ|施設", "施設名"),
    (r"費用?$|料金?$|額$|報酬|金$|円", "金額"),
    (r"提出先|申込先|送付先|担当|部署|課名|所属", "部署"),
    (r"氏名|名前|差出人|発信者", "氏名"),
    (r"住所|所在地", "住所"),
    (r"宛|団体|自治会", "団体名"),
    (r"URL|ホームページ|アドレス", "URL"),
)
_TYPE_NOUNS = {FieldType.DATE: "日付", FieldType.TIME: "日付"}


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of the form.

    Attributes:
        name: what stands in `{{name}}`.
        label: what the person reads.
        type: kind of value.
        required: an empty value is refused.
        default: the value at first sight of the form.
        options: the choices of `choice`; for `checkbox` the text for on and, if wanted, for off.
        help: one line of explanation.
        example: a worked example; 「例を入れる」 fills it in.
        pii: personal information is expected here.
        verbatim: the value travels to the model as a placeholder and comes back exactly.
    """

    name: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    default: str = ""
    options: tuple[str, ...] = ()
    help: str = ""
    example: str = ""
    pii: bool = False
    verbatim: bool = False

    @property
    def noun(self) -> str:
        """The noun of the placeholder that stands for a verbatim value, such as 日付 in `<日付1>`.

        A general noun rather than the field's own label: `日時：<日時1>` makes a small model loop where
        `日時：<日付1>` does not (measured by tests/benchmarks/bench_placeholders.py).
        """
        for pattern, noun in _NOUNS:
            if re.search(pattern, self.label):
                return noun
        return _TYPE_NOUNS.get(self.type, self.label)


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Sampling parameters under llama.cpp's names; None leaves the engine's own value."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A whole worked example: values of the form and, if there is one, the draft they led to."""

    title: str
    values: tuple[tuple[str, str], ...] = ()
    output: str = ""


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """One task: its form, its fixed instructions and how careful one must be with the result.

    Attributes:
        schema: version of the format, `SCHEMA`.
        id: canonical UUID in lower case; stays the same for all versions.
        version: `1`, `1.2` or `1.2.3`.
        title: name of the task.
        category: group on the home screen.
        tags: words to find it by.
        description: one or two sentences.
        issuer: office that answers for the template.
        audience: who it is meant for.
        updated: ISO date of this version.
        accuracy: 正確性の水準.
        confidentiality: highest 機密性 the values may have, 1, 2 or 3.
        personal_information: whether the task may touch it.
        minutes_by_hand: minutes the task takes without the program; 0 when nobody knows.
        system: system message, literal.
        params: sampling parameters.
        fields: the form, in order.
        examples: whole worked examples.
        cautions: lines shown beside the draft.
        checklist: what a person ticks before the draft counts as confirmed.
        license: terms for passing it on.
        body: instructions with `{{name}}`.
        demo_model: the built-in demonstration model can serve it.
    """

    schema: int
    id: str
    version: str
    title: str
    category: Category
    body: str
    tags: tuple[str, ...] = ()
    description: str = ""
    issuer: str = ""
    audience: str = ""
    updated: str = ""
    accuracy: Accuracy = Accuracy.MIDDLE
    confidentiality: int = 2
    personal_information: PersonalInformation = PersonalInformation.MASKED
    minutes_by_hand: int = 0
    system: str = ""
    params: SamplingParams = SamplingParams()
    fields: tuple[Field, ...] = ()
    examples: tuple[Example, ...] = ()
    cautions: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    license: str = ""
    demo_model: bool = False

    def field(self, name: str) -> Field | None:
        """The field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def example_values(self) -> dict[str, str]:
        """The worked example of every field that has one, for 「例を入れる」."""
        return {field.name: field.example for field in self.fields if field.example}

    @property
    def version_key(self) -> tuple[int, ...]:
        """The version as numbers, three of them, for comparison."""
        numbers = [int(part) for part in self.version.split(".")]
        return tuple(numbers + [0] * (3 - len(numbers)))


def placeholders(body: str) -> tuple[str, ...]:
    """Names in `{{…}}` in order of their first appearance, each once."""
    return tuple(dict.fromkeys(match.group(1) for match in PLACEHOLDER.finditer(body)))
