"""Writes the commented policy sample from the schema, so that the two cannot differ.

    python installer/policy/sample.py > installer/policy/policy.sample.toml
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from desktop.drafting.policy import PolicyKey, policy_keys  # noqa: E402

HEAD = """\
# 起案の管理者設定（policy.toml）の見本です。
#
# 置き場所  Windows: C:\\ProgramData\\Kian\\policy.toml    Linux: /etc/kian/policy.toml
# 文字コードは UTF-8 です。行頭の「#」を外した項目だけが有効になり、職員の画面では「管理者により固定」と
# 表示されます。書いていない項目は初期値のままで、職員が変えられます。
# 書き誤りが1か所でもあると、ファイル全体を使わず、いちばん厳しい設定で動きます（取り違えて緩くなることは
# ありません）。置く前に「kian policy check ファイル」で確かめてください。
"""


def sample() -> str:
    """The text of the sample: every key, its meaning, its default and its strictest value."""
    plain = [key for key in policy_keys() if "." not in key.name]
    lines = [HEAD, *(line for key in plain for line in _key(key))]
    sections: dict[str, list[PolicyKey]] = {}
    for key in policy_keys():
        if "." in key.name:
            sections.setdefault(key.name.rpartition(".")[0], []).append(key)
    for section, keys in sections.items():
        lines += [f"[{section}]", *(line for key in keys for line in _key(key))]
    return "\n".join(lines).rstrip() + "\n"


def _key(key: PolicyKey) -> list[str]:
    lines = [f"# {key.description}"]
    if "enum" in key.schema:
        lines.append(f"# 選べる値: {_toml(list(key.schema['enum']))}")
    if key.strictest != key.default:
        lines.append(f"# いちばん厳しい値: {_toml(key.strictest)}")
    # The version is the one key that is written out: it says which format this file follows.
    mark = "" if key.name == "schema" else "# "
    return [*lines, f"{mark}{key.name.rpartition('.')[2]} = {_toml(key.default)}", ""]


def _toml(value: object) -> str:
    # Strings, integers, booleans and lists of strings are written alike in JSON and TOML.
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(sample())
