"""The digest of docs/formats.md (Digest), computed with pyarrow: the second implementation, for tests and for whoever wants one.

    python digest.py FILE.parquet...        prints what `stoker data digest` prints of each column, without the types
"""
import ctypes
import ctypes.util
import re
import struct
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def _xxh3():
    """XXH3-64 of bytes: of the Python package xxhash, else of the C library."""
    try:
        import xxhash
        return xxhash.xxh3_64_intdigest
    except ImportError:
        library = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
        library.XXH3_64bits.restype = ctypes.c_uint64
        library.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        return lambda data: library.XXH3_64bits(bytes(data), len(data))


xxh3 = _xxh3()


def leaf_paths(schema):
    """The repetition of every node on the path of each leaf column, from the printed schema."""
    path, leaves = [], []
    for line in str(schema).splitlines()[1:]:
        word = line.strip()
        node = re.match(r"(required|optional|repeated) (group )?", word)
        if node and node.group(2):
            path.append(node.group(1))
        elif node:
            leaves.append(path[1:] + [node.group(1)])  # without the root
        elif word == "}":
            path.pop()
    return leaves


def missing_nodes(path):
    """By definition level: how many nodes of the path are not there."""
    return [len(path) - i for i, repetition in enumerate(path) if repetition != "required"] + [0]


class Column:
    """The three streams of a leaf column."""

    def __init__(self, path, physical_type):
        self.missing = missing_nodes(path)
        self.physical_type = physical_type
        self.entries = self.present = 0
        self.values, self.lengths, self.shape = bytearray(), bytearray(), bytearray()

    def digest(self):
        shape = self.shape if any(self.shape) else b""
        return xxh3(struct.pack("<5Q", self.entries, self.present, xxh3(self.values), xxh3(self.lengths), xxh3(shape)))

    def add(self, array, entries):
        """entries: (place in the array or None, definition level, repetition level)."""
        self.entries += len(entries)
        self.shape += bytes(b for _, definition, repetition in entries for b in (repetition, self.missing[definition]))
        slots = [slot for slot, _, _ in entries if slot is not None]
        if len(slots) != len(array):
            array = array.take(pa.array(slots, pa.int64()))
        self.add_values(array)

    def add_values(self, array):
        self.present += len(array)
        if len(array) == 0 or pa.types.is_null(array.type):
            return
        if pa.types.is_dictionary(array.type):
            return self.add_values_again(array.dictionary_decode())
        if isinstance(array, pa.ExtensionArray):
            return self.add_values_again(array.storage)
        kind = array.type
        if pa.types.is_boolean(kind):
            self.values += np.asarray(array.cast(pa.uint8())).tobytes()
        elif pa.types.is_string(kind) or pa.types.is_binary(kind) or kind in (pa.string_view(), pa.binary_view()):
            self.add_texts(array.cast(pa.large_binary()))
        elif pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
            self.add_texts(array.cast(pa.large_binary()))
        elif kind == pa.uint32() and self.physical_type == "INT64":
            self.values += np.asarray(array.cast(pa.uint64())).tobytes()
        else:
            # Fixed width: as the bytes lie in Arrow's buffer. Decimals are 16 or 32 bytes there, INT96 is nanoseconds.
            width = kind.bit_width // 8
            self.values += memoryview(array.buffers()[1])[array.offset * width:(array.offset + len(array)) * width]

    def add_values_again(self, array):
        self.present -= len(array)
        self.add_values(array)

    def add_texts(self, array):
        offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset:array.offset + len(array) + 1]
        self.lengths += np.diff(offsets).astype("<u4").tobytes()
        if array.buffers()[2] is not None:
            self.values += memoryview(array.buffers()[2])[offsets[0]:offsets[-1]]


def without_nulls(array, nullable, entries, level):
    """Elements that are null become missing at the definition level in front of `level`."""
    if not nullable:
        return entries
    valid = np.asarray(array.is_valid())
    return [(slot, d, r) if slot is None or valid[slot] else (None, level - 1, r) for slot, d, r in entries]


def walk(array, nullable, entries, definition, repetition, columns):
    """Hands every leaf below the array to the next column. `definition`, `repetition`: of what lies above."""
    level = definition + (1 if nullable else 0)
    entries = without_nulls(array, nullable, entries, level)
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return walk(array.storage, False, entries, level, repetition, columns)
    if pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            # Not array.field(i), which forgets the offset of a slice.
            child = array.flatten()[i] if array.null_count == 0 else pa.StructArray.field(array, i)
            walk(child, kind.field(i).nullable, entries, level, repetition, columns)
        return None
    if pa.types.is_map(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return walk_list(array, entries, level, repetition, columns)
    present = [(slot, level, r) if slot is not None else (slot, d, r) for slot, d, r in entries]
    next(columns).add(array, present)
    return None


def walk_list(array, entries, level, repetition, columns):
    kind = array.type
    if pa.types.is_fixed_size_list(kind):
        ends = [((array.offset + i) * kind.list_size, (array.offset + i + 1) * kind.list_size) for i in range(len(array))]
    else:
        offsets = np.asarray(array.offsets)
        ends = list(zip(offsets[:-1].tolist(), offsets[1:].tolist()))
    inside = []
    for slot, d, r in entries:
        if slot is None:
            inside.append((None, d, r))
            continue
        begin, end = ends[slot]
        if begin == end:
            inside.append((None, level, r))
        inside.extend((i, None, r if i == begin else repetition + 1) for i in range(begin, end))
    if pa.types.is_map(kind):
        walk(array.keys, False, inside, level + 1, repetition + 1, columns)
        walk(array.items, kind.item_field.nullable, inside, level + 1, repetition + 1, columns)
    else:
        walk(array.values, kind.value_field.nullable, inside, level + 1, repetition + 1, columns)


def leaf_count(kind):
    if isinstance(kind, pa.BaseExtensionType):
        return leaf_count(kind.storage_type)
    if pa.types.is_map(kind):
        return leaf_count(kind.key_type) + leaf_count(kind.item_type)
    if pa.types.is_struct(kind):
        return sum(leaf_count(kind.field(i).type) for i in range(kind.num_fields))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return leaf_count(kind.value_type)
    return 1


def digests(path):
    """[(name, digest)] of the leaf columns of a Parquet file."""
    file = pq.ParquetFile(path, page_checksum_verification=True)
    paths = leaf_paths(file.schema)
    columns = [Column(paths[i], file.schema.column(i).physical_type) for i in range(len(paths))]
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        first = 0
        for i, field in enumerate(table.schema):
            end = first + leaf_count(field.type)
            for array in table.column(i).chunks:
                rows = [(k, 0, 0) for k in range(len(array))]
                walk(array, field.nullable, rows, 0, 0, iter(columns[first:end]))
            first = end
    return [(file.schema.column(i).path, column.digest()) for i, column in enumerate(columns)]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for column_name, value in digests(name):
            print(f"{value:016x}  {column_name}")
