"""The main job as a person does it in the terminal: real workers, the demonstration model, real masking."""

import pytest

from tests.support.people import CANARIES, CONSULTATION, leaks_below
from tests.support.program import Program

NOTICE = {
    "件名": "大雨に伴う避難所開設訓練の実施について",
    "文書番号": "危管第58号",
    "発信日": "令和8年5月20日",
    "宛名": "萱田町内会長 小鳥遊健吾 様",
    "差出人": "桜浜市長 榊原みつえ",
    "日時": "令和8年6月14日（日）午前9時から正午まで",
    "場所": "桜浜市立みなと小学校 体育館",
    "問い合わせ先": "危機管理課 防災係 電話 090-5550-1234",
    "要点": "雨天決行とする\n車での来場は控えること",
}
MAIL = {
    "件名": "令和8年度 情報セキュリティ研修",
    "宛名": "小鳥遊健吾 様",
    "差出人": "デジタル推進課 榊原みつえ",
    "日時": "7月3日（金）14:00〜15:30",
    "場所": "本庁舎4階 401会議室",
    "問い合わせ先": "デジタル推進課 090-5550-9876 mitsue.sakakibara@example.com",
    "要点": "各課から1名以上参加すること",
}
FAQ = {
    "質問": "引っ越しをしたとき、転入届はいつまでに出せばよいですか。",
    "要点": "新しい住所に住み始めた日から14日以内\n担当は榊原みつえ",
    "必要なもの": "転出証明書、本人確認書類",
    "問い合わせ先": "市民課 千葉県八千代市萱田町2-14-305 電話 090-5550-1234",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def templates(program):
    return {template["title"]: template for template in program.templates()}


def find(templates, word):
    return next(t for title, t in templates.items() if word in title and t["demo_model"])


def draft(program, template, values, *extra):
    names = {field["label"]: field["name"] for field in template["fields"]}
    sets = [f"{names[label]}={value}" for label, value in values.items() if label in names]
    missing = [label for label in values if label not in names]
    assert not missing, missing
    options = [piece for entry in sets for piece in ("--set", entry)]
    return program.run("draft", "--template", template["id"], *options, "--yes", "--json", *extra)


def no_canary_in(text):
    return [value for value in CANARIES if value in text]


@pytest.mark.parametrize(
    ("word", "values"), [("通知", NOTICE), ("メール", MAIL), ("FAQ", FAQ)], ids=["notice", "mail", "faq"]
)
def test_a_form_becomes_a_document_with_every_value_right(program, templates, word, values):
    template = find(templates, word)
    known = {field["label"] for field in template["fields"]}
    outcome = draft(program, template, values)
    assert outcome.code == 0, outcome.stderr
    result = outcome.json
    assert no_canary_in(result["masked_prompt"]) == []
    assert no_canary_in(result["completion_masked"]) == []
    assert result["missing_placeholders"] == [] and result["unknown_placeholders"] == []
    for label, value in values.items():
        if label in known and label != "要点":
            assert value in result["completion"], label
    assert "実務には使えません" in " ".join(result["notices"])


def test_every_span_of_the_json_stands_for_what_its_placeholder_restores(program, templates):
    template = find(templates, "通知")
    result = draft(program, template, NOTICE).json
    assert result["spans"]
    for span in result["spans"]:
        assert span["placeholder"] in result["masked_prompt"]
        assert span["end"] > span["start"]


def test_a_consultation_record_is_masked_and_its_persons_come_back_right(program, templates):
    template = next(t for title, t in templates.items() if "相談記録" in title)
    values = {}
    for field in template["fields"]:
        if field["type"] in ("long_text", "attachment") and not values:
            values[field["label"]] = CONSULTATION
    required = {f["label"]: f["example"] for f in template["fields"] if f["required"]}
    outcome = draft(program, template, {**required, **values})
    assert outcome.code == 0, outcome.stderr
    result = outcome.json
    assert no_canary_in(result["masked_prompt"]) == []
    labels = {span["label"] for span in result["spans"]}
    assert {"PERSON", "PHONE", "ADDRESS", "EMAIL", "DATE_OF_BIRTH"} <= labels
    assert len({s["placeholder"] for s in result["spans"] if s["label"] == "PERSON"}) == 2
    for placeholder in {s["placeholder"] for s in result["spans"]}:
        if placeholder in result["completion_masked"]:
            assert placeholder not in result["completion"]


def test_nothing_raw_is_left_in_any_file(program):
    assert leaks_below(program.root) == []
    assert any((program.root / "data").rglob("*.sqlite3"))


def test_without_confirmation_nothing_is_drafted(program, templates):
    template = find(templates, "通知")
    outcome = program.run("draft", "--template", template["id"], "--example", "--json")
    assert outcome.code != 0
    assert outcome.stdout == ""
    assert "確認" in outcome.stderr


def test_an_individual_number_is_a_hard_stop(program, templates):
    outcome = draft(program, find(templates, "通知"), {**NOTICE, "要点": "個人番号は123456789018です"})
    assert outcome.code != 0
    assert "個人番号" in outcome.stderr
    assert "123456789018" not in outcome.stdout
