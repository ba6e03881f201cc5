"""A bounded reader of GGUF headers: what a model file is, before llama.cpp touches it.

llama.cpp trusts much of a header, and a broken one can end the process that loads it. This reader
trusts nothing: every count is held against the bytes that are left, strings and arrays are walked
without being kept, and each tensor's extent is held against the size of the file.

Source of the format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from models.errors import ModelFileBrokenError, ModelFileMissingError
from models.gguf_values import Scalar, alignment_is_sound, architecture_is_sound, vocabulary_is_sound


class BrokenReason(StrEnum):
    """Why a file is refused; the words of `ModelFileBrokenError.reason`."""

    NOT_GGUF = "not_gguf"
    VERSION = "version"
    TRUNCATED = "truncated"
    HEADER = "header"
    TENSORS = "tensors"
    ARCHITECTURE = "architecture"
    VOCABULARY = "vocabulary"
    SIZE = "size"
    HASH = "hash"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class _ValueType(IntEnum):
    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


_SCALAR_FORMATS: Final[Mapping[int, str]] = {
    _ValueType.UINT8: "<B",
    _ValueType.INT8: "<b",
    _ValueType.UINT16: "<H",
    _ValueType.INT16: "<h",
    _ValueType.UINT32: "<I",
    _ValueType.INT32: "<i",
    _ValueType.FLOAT32: "<f",
    _ValueType.BOOL: "<?",
    _ValueType.UINT64: "<Q",
    _ValueType.INT64: "<q",
    _ValueType.FLOAT64: "<d",
}

_TENSOR_BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    # ggml type: (elements per block, bytes per block); ggml.h, `enum ggml_type`
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip

_NORM: Final = "norm.weight"
_FLOAT32: Final = 0  # ggml.h, `enum ggml_type`
_MAX_KEYS: Final = 4_096
_MAX_TENSORS: Final = 65_536
_MAX_KEY_BYTES: Final = 1_024
_MAX_STRING_BYTES: Final = 4 << 20
_MAX_TOKEN_BYTES: Final = 65_536
_MAX_ARRAY: Final = 4_000_000
_MAX_VOCABULARY: Final = 2_000_000
_MAX_KEPT_ARRAY: Final = 1_024
_MAX_DIM: Final = 1 << 40
_READ_BYTES: Final = 1 << 20
_LENGTH: Final = struct.Struct("<Q")


@dataclass(frozen=True)
class GgufFile:
    """What the header of a model file says.

    Attributes:
        version: Version of the format, 2 or 3.
        size_bytes: Size of the file, bytes.
        metadata: Scalars and strings by key.
        arrays: Short numeric arrays by key.
        array_lengths: Length of every array by key.
        tensor_count: Number of tensors.
        tensor_bytes: Bytes that all tensors take together.
        vocabulary_bytes: Bytes of `token_embd.weight`, 0 when the file has none. No GPU takes that tensor.
    """

    version: int
    size_bytes: int
    metadata: Mapping[str, Scalar]
    arrays: Mapping[str, tuple[int | float, ...]]
    array_lengths: Mapping[str, int]
    tensor_count: int
    tensor_bytes: int
    vocabulary_bytes: int

    @property
    def architecture(self) -> str:
        """`general.architecture`, such as `llama` or `qwen2`."""
        return str(self.metadata["general.architecture"])

    def number(self, key: str, default: int = 0) -> int:
        """The whole number under `ARCHITECTURE.key`; of an array the largest element."""
        name = f"{self.architecture}.{key}"
        values = self.arrays.get(name, ())
        value = max(values) if values else self.metadata.get(name, default)
        return int(value) if isinstance(value, int | float) else default

    @property
    def n_vocab(self) -> int:
        """Tokens of the vocabulary the file brings."""
        return self.array_lengths.get("tokenizer.ggml.tokens", 0)

    @property
    def has_chat_template(self) -> bool:
        """Whether the file brings a chat template."""
        return isinstance(self.metadata.get("tokenizer.chat_template"), str)


class _Broken(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: BrokenReason) -> None:
        self.reason = reason


class _Cursor:
    """Reads forward through a file; asking for more than is left is a broken file, not an allocation."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._buffer = b""
        self._at = 0  # within the buffer
        self._start = 0  # of the buffer within the file

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._start + self._at

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return self._size - self.position

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self._at + count
        if end > len(self._buffer):
            self._fill(count)
            end = self._at + count
        piece = self._buffer[self._at : end]
        self._at = end
        return piece

    def skip(self, count: int) -> None:
        """Go past `count` bytes without reading them."""
        if count > self.left:
            raise _Broken(BrokenReason.TRUNCATED)
        if self._at + count <= len(self._buffer):
            self._at += count
            return
        self._start = self.position + count
        self._file.seek(self._start)
        self._buffer, self._at = b"", 0

    def skip_texts(self, count: int) -> None:
        """Go past `count` strings; a vocabulary holds hundreds of thousands of them."""
        unpack = _LENGTH.unpack_from
        for _ in range(count):
            if self._at + 8 > len(self._buffer):
                self._fill(8)
            (size,) = unpack(self._buffer, self._at)
            if size > _MAX_TOKEN_BYTES:
                raise _Broken(BrokenReason.HEADER)
            self._at += 8
            if self._at + size <= len(self._buffer):
                self._at += size
            else:
                self.skip(size)

    def _fill(self, count: int) -> None:
        if count > self.left:
            raise _Broken(BrokenReason.TRUNCATED)
        rest = self._buffer[self._at :]
        self._start += self._at
        self._buffer = rest + self._file.read(max(count - len(rest), _READ_BYTES))
        self._at = 0
        if len(self._buffer) < count:  # the file shrank, or a share went away
            raise _Broken(BrokenReason.TRUNCATED)

    def number(self, fmt: str) -> int | float | bool:
        """One little-endian number."""
        value: int | float | bool = struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]
        return value

    def uint(self, fmt: str = "<Q") -> int:
        """One unsigned whole number."""
        return int(self.number(fmt))

    def text(self, limit: int) -> str:
        """One string of at most `limit` bytes."""
        length = self.uint()
        if length > limit:
            raise _Broken(BrokenReason.HEADER if length <= self.left else BrokenReason.TRUNCATED)
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise _Broken(BrokenReason.HEADER) from None


def read_gguf(path: Path) -> GgufFile:
    """Read and check the header of the model file at `path`; no tensor data are read.

    Raises:
        ModelFileMissingError: There is no such file.
        ModelFileBrokenError: The file is not a whole GGUF; `reason` is a `BrokenReason`.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return _read(_Cursor(file, size), size)
    except FileNotFoundError:
        raise ModelFileMissingError(file_name=path.name) from None
    except _Broken as broken:
        raise ModelFileBrokenError(file_name=path.name, reason=broken.reason) from None
    except OSError:
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.UNREADABLE) from None


def _read(cursor: _Cursor, size: int) -> GgufFile:
    if size < 24 or cursor.take(4) != b"GGUF":
        raise _Broken(BrokenReason.NOT_GGUF)
    version = cursor.uint("<I")
    if version not in (2, 3):
        raise _Broken(BrokenReason.VERSION)
    n_tensors, n_keys = cursor.uint(), cursor.uint()
    if not 0 < n_tensors <= _MAX_TENSORS or not 0 < n_keys <= _MAX_KEYS:
        raise _Broken(BrokenReason.HEADER)
    metadata, arrays, lengths = _read_metadata(cursor, n_keys)
    _check_metadata(metadata, lengths)
    extents, rows, vocabulary_bytes = _read_tensors(cursor, n_tensors)
    tensor_bytes = _check_extents(extents, _alignment(metadata), data_from=cursor.position, size=size)
    n_vocab = lengths.get("tokenizer.ggml.tokens", 0)
    if n_vocab and rows and n_vocab > rows:
        raise _Broken(BrokenReason.VOCABULARY)
    return GgufFile(version, size, metadata, arrays, lengths, n_tensors, tensor_bytes, vocabulary_bytes)


_Metadata = dict[str, Scalar]
_Arrays = dict[str, tuple[int | float, ...]]


def _read_metadata(cursor: _Cursor, n_keys: int) -> tuple[_Metadata, _Arrays, dict[str, int]]:
    metadata: _Metadata = {}
    arrays: _Arrays = {}
    lengths: dict[str, int] = {}
    for _ in range(n_keys):
        key = cursor.text(_MAX_KEY_BYTES)
        if key in metadata or key in lengths:
            raise _Broken(BrokenReason.HEADER)
        kind = cursor.uint("<I")
        if kind == _ValueType.ARRAY:
            lengths[key], kept = _read_array(cursor, must_differ=key == "tokenizer.ggml.tokens")
            if kept:
                arrays[key] = kept
        elif kind == _ValueType.STRING:
            metadata[key] = cursor.text(_MAX_STRING_BYTES)
        elif kind in _SCALAR_FORMATS:
            metadata[key] = cursor.number(_SCALAR_FORMATS[kind])
        else:
            raise _Broken(BrokenReason.HEADER)
    return metadata, arrays, lengths


def _read_array(cursor: _Cursor, *, must_differ: bool) -> tuple[int, tuple[int | float, ...]]:
    kind, length = cursor.uint("<I"), cursor.uint()
    if kind == _ValueType.STRING:
        _check_array(length, length * 8, cursor)
        if must_differ:
            _check_tokens(cursor, length)
        else:
            cursor.skip_texts(length)
        return length, ()
    if kind not in _SCALAR_FORMATS:  # llama.cpp does not take arrays of arrays either
        raise _Broken(BrokenReason.HEADER)
    fmt = _SCALAR_FORMATS[kind]
    total = length * struct.calcsize(fmt)
    _check_array(length, total, cursor)
    if length > _MAX_KEPT_ARRAY:
        cursor.skip(total)
        return length, ()
    return length, struct.unpack(f"<{length}{fmt[1]}", cursor.take(total))


def _check_tokens(cursor: _Cursor, count: int) -> None:
    """Go past the vocabulary's tokens; two alike would make llama.cpp end the process."""
    if count > _MAX_VOCABULARY:
        raise _Broken(BrokenReason.VOCABULARY)
    seen: set[bytes] = set()
    for number in range(count):
        size = cursor.uint()
        if size > _MAX_TOKEN_BYTES:
            raise _Broken(BrokenReason.HEADER)
        token = cursor.take(size).partition(b"\x00")[0]  # llama.cpp reads to the first zero byte
        seen.add(token or b"\xff%d" % number)  # and makes empty ones different
    if len(seen) != count:
        raise _Broken(BrokenReason.VOCABULARY)


def _check_array(length: int, total: int, cursor: _Cursor) -> None:
    if length > _MAX_ARRAY:
        raise _Broken(BrokenReason.HEADER)
    if total > cursor.left:
        raise _Broken(BrokenReason.TRUNCATED)


def _check_metadata(metadata: _Metadata, lengths: Mapping[str, int]) -> None:
    if not architecture_is_sound(metadata):
        raise _Broken(BrokenReason.ARCHITECTURE)
    if not vocabulary_is_sound(metadata, lengths):
        raise _Broken(BrokenReason.VOCABULARY)


def _alignment(metadata: _Metadata) -> int:
    value = metadata.get("general.alignment", 32)
    if not alignment_is_sound(value):
        raise _Broken(BrokenReason.HEADER)
    return int(value)


def _read_tensors(cursor: _Cursor, count: int) -> tuple[list[tuple[int, int]], int, int]:
    """The (offset, bytes) of every tensor, and rows and bytes of the embedding."""
    extents: list[tuple[int, int]] = []
    names: set[str] = set()
    rows = vocabulary_bytes = 0
    for _ in range(count):
        name = cursor.text(_MAX_KEY_BYTES)
        n_dims = cursor.uint("<I")
        if name in names or not 1 <= n_dims <= 4:
            raise _Broken(BrokenReason.TENSORS)
        names.add(name)
        dims = [cursor.uint() for _ in range(n_dims)]
        kind, offset = cursor.uint("<I"), cursor.uint()
        if name.endswith(_NORM) and kind != _FLOAT32:  # llama.cpp multiplies by it as it is
            raise _Broken(BrokenReason.TENSORS)
        extents.append((offset, _tensor_bytes(dims, kind)))
        if name == "token_embd.weight" and n_dims == 2:
            rows, vocabulary_bytes = dims[1], extents[-1][1]
    return extents, rows, vocabulary_bytes


def _tensor_bytes(dims: list[int], kind: int) -> int:
    elements = 1
    for dim in dims:
        elements *= dim
        if not 0 < elements <= _MAX_DIM:
            raise _Broken(BrokenReason.TENSORS)
    if kind not in _TENSOR_BLOCKS:
        raise _Broken(BrokenReason.TENSORS)
    block, block_bytes = _TENSOR_BLOCKS[kind]
    if dims[0] % block:
        raise _Broken(BrokenReason.TENSORS)
    return elements // block * block_bytes


def _check_extents(extents: list[tuple[int, int]], alignment: int, *, data_from: int, size: int) -> int:
    base = (data_from + alignment - 1) // alignment * alignment
    end = 0  # within the data section
    for offset, count in sorted(extents):
        if offset % alignment or offset < end:
            raise _Broken(BrokenReason.TENSORS)
        end = offset + count
    if base + end > size:
        raise _Broken(BrokenReason.TRUNCATED)
    return sum(count for _, count in extents)
