"""The WiX source: every file once, settings remembered, nothing that wixl would empty."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

WIX = "{http://schemas.microsoft.com/wix/2006/wi}"


@pytest.fixture(scope="module")
def wxs(script):
    return script("msi/wxs.py")


MORE = {"checks": "../checks.dll", "size_bytes": 700_000_000}


@pytest.fixture(scope="module")
def source(wxs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("payload")
    for name in ("kian.exe", "kian.com", "app/main.py", "app/a & b/x.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return wxs.source(folder, "1.2.3", wxs.guid("product-1.2.3"), **MORE)


@pytest.fixture(scope="module")
def tree(source):
    return ElementTree.fromstring(source)


def test_every_file_is_a_component_of_the_feature_exactly_once(tree):
    components = [element.get("Id") for element in tree.iter(f"{WIX}Component")]
    references = [element.get("Id") for element in tree.iter(f"{WIX}ComponentRef")]
    assert sorted(components) == sorted(references)
    assert len(set(components)) == len(components)
    assert [element.get("Name") for element in tree.iter(f"{WIX}File")] == [
        "kian.com",
        "kian.exe",
        "main.py",
        "x.txt",
    ]


def test_all_text_is_ascii_because_wixl_empties_the_rest(source):
    assert source.isascii()


def test_a_file_keeps_its_component_from_version_to_version(wxs, tmp_path):
    (tmp_path / "kian.exe").write_bytes(b"1")
    first = wxs.source(tmp_path, "1.0.0", wxs.guid("product-1.0.0"), **MORE)
    second = wxs.source(tmp_path, "1.1.0", wxs.guid("product-1.1.0"), **MORE)
    assert first != second
    assert [line for line in first.splitlines() if "<File " in line] == [
        line for line in second.splitlines() if "<File " in line
    ]


@pytest.mark.parametrize("name", ["MODELDIR", "SHELF", "AUTOSTART"])
def test_a_property_is_remembered_and_a_new_value_wins(tree, name):
    searched = {element.get("Id") for element in tree.iter(f"{WIX}Property")}
    assert f"OLD{name}" in searched
    assert name not in searched  # a search of its own would overwrite the command line
    conditions = {element.get("Action"): element.text for element in tree.iter(f"{WIX}Custom")}
    assert conditions[f"Keep{name}"] == f"NOT {name} AND OLD{name}"


def test_the_registry_names_are_those_the_program_reads(wxs):
    from desktop.drafting import installation

    assert wxs.KEY == installation.REGISTRY_KEY
    text = Path(installation.__file__).read_text("utf-8")
    assert '"ModelDir"' in text
    assert '"ShelfDir"' in text


def test_the_machine_is_looked_at_before_anything_is_changed(tree):
    action = next(e for e in tree.iter(f"{WIX}CustomAction") if e.get("Id") == "CheckMachine")
    assert (action.get("BinaryKey"), action.get("DllEntry")) == ("Checks", "CheckMachine")
    place = next(e for e in tree.iter(f"{WIX}Custom") if e.get("Action") == "CheckMachine")
    assert place.get("After") == "CostFinalize"  # the program's folder is known, nothing is begun
    assert next(e.get("Value") for e in tree.iter(f"{WIX}Property") if e.get("Id") == "KIANBYTES") == str(
        MORE["size_bytes"]
    )


def test_every_refusal_says_that_the_present_version_stays(script):
    text = (Path(script("msi/wxs.py").__file__).parent / "checks.c").read_text("utf-8")
    refusals = re.findall(r'L"([^"]*。)"', text)
    assert len(refusals) == 3
    assert all("いまの版はそのまま使えます" in line or "何も変更していません" in line for line in refusals)
