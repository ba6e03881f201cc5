"""Invented personal information, and where it must not be found. No such person exists."""

from dataclasses import dataclass
from pathlib import Path

CANARIES = (
    "榊原みつえ",
    "榊原",
    "小鳥遊健吾",
    "小鳥遊",
    "090-5550-1234",
    "090-5550-9876",
    "千葉県八千代市萱田町2-14-305",
    "mitsue.sakakibara@example.com",
    "昭和27年3月4日",
)
CONSULTATION = """\
令和8年11月18日、榊原みつえさん（昭和27年3月4日生まれ）が来庁。
住所は千葉県八千代市萱田町2-14-305、電話は090-5550-1234。
隣に住む小鳥遊健吾さん（携帯090-5550-9876）の敷地の樹木が境界を越えて伸び、落ち葉が雨どいに詰まるとのこと。
榊原さんは昨年の秋にも小鳥遊さんに口頭で伝えたが、剪定されていない。自治会長に相談したところ、市の窓口を案内された。
市からは、民法の改正により越境した枝の扱いが変わったことを説明し、まず書面で依頼するよう助言した。
小鳥遊さんへは市からも連絡してほしいとの希望があり、担当課で検討することとした。
榊原さんの連絡先メールは mitsue.sakakibara@example.com。次回は11月25日の午前に電話で状況を確認する。
"""


@dataclass(frozen=True)
class Leak:
    """A canary found where it must not be."""

    where: str
    value: str


def leaks_below(folder: Path, canaries=CANARIES) -> list[Leak]:
    """Every file below a folder that holds a canary, in any encoding a program here writes."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += leaks_in(path.read_bytes(), str(path.relative_to(folder)), canaries)
    return found


def leaks_in(data: bytes, where: str, canaries=CANARIES) -> list[Leak]:
    """Canaries in some bytes: UTF-8, UTF-16, cp932 and JSON's ASCII escapes."""
    found = []
    for value in canaries:
        forms = [value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be")]
        forms.append(value.encode("cp932", "ignore"))
        escaped = "".join(c if ord(c) < 128 else f"\\u{ord(c):04x}" for c in value)
        forms += [escaped.encode(), escaped.upper().replace("\\U", "\\u").encode()]
        if any(form in data for form in forms if len(form) > 3):
            found.append(Leak(where, value))
    return found
