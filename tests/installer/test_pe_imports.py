"""The import check finds what Wine hides: a DLL that no bare Windows has."""

import struct

import pytest

pytest.importorskip("pefile", reason="`pip install --group package` brings the PE reader")

AMD64, I386 = 0x8664, 0x014C


def pe_file(*dlls, machine=AMD64):
    """A made-up 64-bit PE file that imports one function from each DLL."""
    base, alignment = 0x1000, 0x200
    table_size = 20 * (len(dlls) + 1)
    thunks = table_size
    hint = thunks + 32 * len(dlls)
    names = hint + 16
    rows, thunk_bytes, name_bytes = b"", b"", b""
    for index, dll in enumerate(dlls):
        lookup, address = base + thunks + 32 * index, base + thunks + 32 * index + 16
        rows += struct.pack("<5I", lookup, 0, 0, base + names + len(name_bytes), address)
        thunk_bytes += struct.pack("<QQQQ", base + hint, 0, base + hint, 0)
        name_bytes += dll.encode() + b"\0"
    section = rows + bytes(20) + thunk_bytes + b"\0\0function\0".ljust(16, b"\0") + name_bytes
    section = section.ljust(-(-len(section) // alignment) * alignment, b"\0")
    directories = [(0, 0)] * 16
    if dlls:
        directories[1] = (base, table_size)
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        *(0x20B, 0, 0, 0, len(section), 0, 0, base, 0x140000000, 0x1000, alignment),
        *(6, 0, 0, 0, 6, 0, 0, 0x3000, 0x200, 0, 3, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16),
    )
    optional += b"".join(struct.pack("<II", *entry) for entry in directories)
    header = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), 0x2022)
    row = struct.pack(
        "<8sIIIIIIHHI", b".rdata", len(section), base, len(section), 0x200, 0, 0, 0, 0, 0x40000040
    )
    start = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (start + b"PE\0\0" + header + optional + row).ljust(0x200, b"\0") + section


@pytest.fixture(scope="module")
def checker(script):
    return script("windows/pe_imports.py")


@pytest.fixture
def payload(tmp_path):
    def write(files):
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({"kian.exe": pe_file("KERNEL32.dll", "msvcrt.dll")}, []),
        ({"a.pyd": pe_file("MSVCP140.dll")}, [("a.pyd", "MSVCP140.dll")]),
        ({"a.pyd": pe_file("MSVCP140.dll"), "msvcp140.dll": pe_file("KERNEL32.dll")}, []),
        ({"Lib/site-packages/x/a.pyd": pe_file("python311.dll"), "python311.dll": pe_file()}, []),
        ({"Lib/site-packages/x/a.pyd": pe_file("b.dll"), "Lib/site-packages/x/b.dll": pe_file()}, []),
        (
            {"Lib/site-packages/x/a.pyd": pe_file("b.dll"), "Lib/site-packages/y/b.dll": pe_file()},
            [("Lib/site-packages/x/a.pyd", "b.dll")],
        ),
        (
            {
                "Lib/site-packages/x/a.pyd": pe_file("blas.dll"),
                "Lib/site-packages/x.libs/blas.dll": pe_file(),
            },
            [],
        ),
        ({"a.dll": pe_file("api-ms-win-crt-runtime-l1-1-0.dll")}, []),
        ({"kian.com": pe_file("nowhere.dll")}, [("kian.com", "nowhere.dll")]),
        (
            {"gpu/ggml-vulkan.dll": pe_file("vulkan-1.dll")},
            [],
        ),  # of the graphics driver, and missed by nobody
        ({"kian.exe": pe_file("vulkan-1.dll")}, [("kian.exe", "vulkan-1.dll")]),
    ],
)
def test_an_import_that_nobody_provides_is_named(checker, payload, files, missing):
    found = checker.missing_dlls(payload(files))
    assert [(entry.file, entry.dll) for entry in found] == missing


def test_a_32_bit_file_is_named(checker, payload):
    folder = payload({"old.dll": pe_file(machine=I386), "new.dll": pe_file()})
    assert checker.wrong_machine(folder) == ["old.dll"]


def test_windows_own_list_holds_no_runtime_that_must_be_shipped(checker):
    names = checker.system_dlls()
    assert "kernel32.dll" in names
    assert not [name for name in names if name.startswith(("msvcp", "vcruntime", "python", "qt6"))]
