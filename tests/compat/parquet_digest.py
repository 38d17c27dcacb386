"""Every readable file through `arrays`, through `arrow` and through pyarrow has one digest; and the values alone decide about it."""
import datetime
import decimal
import json
import os
import pathlib
import random

from stoker import SOURCE, attempt, expect, files, generate, need, run, work_folder

pa = need("pyarrow")
pq = need("pyarrow.parquet")
import digest  # noqa: E402  needs pyarrow

# Others' files, beside the repository as for the unit tests.
INTEROP = pathlib.Path(os.environ.get("STOKER_INTEROP", SOURCE / ".." / "shared" / "interop")).resolve()
# Two strings of a gigabyte: 20 s and 6 GiB.
SLOW = {"large_string_map.brotli.parquet"}
# What Arrow's tables cannot hold, although the columns can be read.
ONLY_ARRAYS = {"incorrect_map_schema.parquet": "keys of a map that may be null"}


def stoker_digests(path, decode):
    """[(column, digest)], or the error."""
    done = attempt("data", "digest", str(path), f"--decode={decode}", "--json")
    if done.returncode != 0:
        expect(done.returncode == 6 and str(path) in done.stderr, f"{path} ({decode}): exit code {done.returncode}: {done.stderr}")
        return done.stderr
    return [(column["name"], int(column["digest"], 16)) for column in json.loads(done.stdout)["columns"]]


def compare(path):
    """The digests of a file, or None when it is refused."""
    arrays, arrow = stoker_digests(path, "arrays"), stoker_digests(path, "arrow")
    try:
        theirs = digest.digests(path)
    except (pa.ArrowException, OSError) as error:
        expect(isinstance(arrow, str), f"{path}: `arrow` reads what pyarrow refuses: {error}")
        if path.name not in ONLY_ARRAYS:
            expect(isinstance(arrays, str), f"{path}: `arrays` reads what pyarrow refuses: {error}")
        return None
    expect(arrays == theirs, f"{path}: arrays {arrays}\npyarrow {theirs}")
    expect(arrow == theirs, f"{path}: arrow {arrow}\npyarrow {theirs}")
    return theirs


def others_files():
    read = refused = 0
    found = sorted(pathlib.Path(SOURCE, "tests/data/interop").rglob("*.parquet"))
    expect(len(found) > 0, "no files in tests/data/interop")
    if INTEROP.is_dir():
        found += sorted(INTEROP.rglob("*.parquet"))
    else:
        print(f"no folder {INTEROP} (set STOKER_INTEROP): only the files of tests/data are compared")
    for path in found:
        if path.name in SLOW:
            continue
        if compare(path) is None:
            refused += 1
        else:
            read += 1
    print(f"files of others: {read} have one digest, {refused} are refused")


TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "bool",
         "string", "binary"]


def own_files():
    columns = [f"{{name:{name},dtype:{name},size:{3 if name == 'binary' else 1}}}" for name in TYPES]
    columns += ["{name:l8,dtype:int8,size:5}", "{name:l32,dtype:float32,size:7}", "{name:l,dtype:list,size:3}"]
    base = ["dataset.num_files_train=2", "dataset.num_samples_per_file=300", f"dataset.parquet.columns=[{','.join(columns)}]"]
    variants = [["dataset.parquet.row_group_size=1000000"], ["dataset.parquet.row_group_size=7"], ["dataset.parquet.dictionary=True"]]
    variants += [[f"dataset.compression={codec}"] for codec in ("snappy", "gzip", "zstd", "lz4")]
    wanted = None
    for variant in variants:
        with work_folder():
            generate(*base, *variant)
            found = [compare(path) for path in files()]
            expect(len(found) >= 2 and None not in found, f"{variant}: {found}")
            wanted = wanted or found
            expect(found == wanted, f"{variant}: {found}\n{wanted}")
            # A data set's digests are made of those of its files.
            whole = json.loads(run("data", "digest", "data", "--json").stdout)
            for c, column in enumerate(whole["columns"]):
                parts = b"".join(of_file[c][1].to_bytes(8, "little") for of_file in found)
                expect(int(column["digest"], 16) == digest.xxh3(parts), f"{variant}: {column} is not made of {found}")
    with work_folder():
        # The column that stands in the folders' names is in no file.
        generate(*base, "dataset.parquet.partition_by=int8")
        found = [compare(path) for path in files()]
        expect([[c for c in of_file if c[0] != "int8"] for of_file in wanted] == found, f"partitions: {found}\n{wanted}")
    print(f"own files: {len(variants) + 1} variants have one digest")


def table(rows, seed=1):
    """All that pyarrow writes: every type with nulls, nested."""
    some = random.Random(seed)

    def values(make, nulls=0.2):
        return [None if some.random() < nulls else make() for _ in range(rows)]

    def a_list(make, nulls=0.2):
        return lambda: [None if some.random() < nulls else make() for _ in range(some.choice([0, 0, 1, 2, 5]))]

    small = lambda: some.randrange(-100, 100)  # noqa: E731
    text = lambda: "x" * some.randrange(0, 20) + str(some.randrange(1000))  # noqa: E731
    day = lambda: datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=some.randrange(10**9), microseconds=some.randrange(10**6))  # noqa: E731
    number = lambda: some.choice([0.0, -0.0, float("nan"), float("inf"), some.random()])  # noqa: E731
    record = lambda: {"p": small(), "q": None if some.random() < 0.3 else a_list(small)(), "r": {"s": text()}}  # noqa: E731
    inner = pa.struct([("p", pa.int32()), ("q", pa.list_(pa.int64())), ("r", pa.struct([("s", pa.string())]))])
    arrays = {
        "i8": pa.array(values(small), pa.int8()), "u8": pa.array(values(lambda: small() + 100), pa.uint8()),
        "i16": pa.array(values(small), pa.int16()), "u16": pa.array(values(lambda: small() + 100), pa.uint16()),
        "i32": pa.array(values(small), pa.int32()), "u32": pa.array(values(lambda: small() + 100), pa.uint32()),
        "i64": pa.array(values(small), pa.int64()), "u64": pa.array(values(lambda: 2**63 + some.randrange(9)), pa.uint64()),
        "f16": pa.array(values(number), pa.float16()), "f32": pa.array(values(number), pa.float32()),
        "f64": pa.array(values(number), pa.float64()),
        "whole": pa.array(values(small, nulls=0), pa.int32()), "truth": pa.array(values(lambda: some.random() < 0.5), pa.bool_()),
        "text": pa.array(values(text)), "large": pa.array(values(text), pa.large_string()),
        "bytes": pa.array(values(lambda: some.randbytes(some.randrange(9))), pa.binary()),
        "fixed": pa.array(values(lambda: some.randbytes(5)), pa.binary(5)),
        "date": pa.array(values(lambda: day().date()), pa.date32()), "clock": pa.array(values(lambda: day().time()), pa.time64("us")),
        "millis": pa.array(values(lambda: day().replace(microsecond=0)), pa.timestamp("ms")),
        "micros": pa.array(values(day), pa.timestamp("us", "UTC")), "nanos": pa.array(values(day), pa.timestamp("ns")),
        "d4": pa.array(values(lambda: decimal.Decimal(small()) / 10), pa.decimal128(9, 2)),
        "d8": pa.array(values(lambda: decimal.Decimal(small()) / 10), pa.decimal128(18, 2)),
        "d16": pa.array(values(lambda: decimal.Decimal(small()) / 10), pa.decimal128(30, 5)),
        "d32": pa.array(values(lambda: decimal.Decimal(small()) / 10), pa.decimal256(60, 5)),
        "few": pa.array(values(lambda: some.choice("abc"))).dictionary_encode(),
        "nothing": pa.nulls(rows, pa.int32()), "null": pa.nulls(rows),
        "list": pa.array(values(a_list(small)), pa.list_(pa.int16())), "texts": pa.array(values(a_list(text)), pa.list_(pa.string())),
        "lists": pa.array(values(a_list(a_list(small))), pa.list_(pa.list_(pa.int32()))),
        "pair": pa.array(values(lambda: [small(), None if some.random() < 0.3 else small()]), pa.list_(pa.int32(), 2)),
        "vector": pa.array(values(lambda: [some.random() for _ in range(4)], nulls=0), pa.list_(pa.float32(), 4)),
        "record": pa.array(values(record), inner), "records": pa.array(values(a_list(record)), pa.list_(inner)),
        "map": pa.array(values(lambda: [(text(), None if some.random() < 0.3 else small()) for _ in range(some.randrange(4))]),
                        pa.map_(pa.string(), pa.int32())),
    }
    return pa.table(arrays)


def variants_of_pyarrow():
    """Options of write_table; the schema is the same in all of them."""
    yield {}
    for version in ("1.0", "2.0"):
        for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
            yield {"data_page_version": version, "compression": codec}
        yield {"data_page_version": version, "use_dictionary": False, "row_group_size": 17}
        yield {"data_page_version": version, "data_page_size": 64, "write_batch_size": 3, "row_group_size": 100}
        yield {"data_page_version": version, "dictionary_pagesize_limit": 20, "write_batch_size": 2}
        yield {"data_page_version": version, "write_page_index": True, "write_page_checksum": True, "write_statistics": False}
    yield {"store_schema": False}
    yield {"store_decimal_as_integer": True}


ENCODINGS = {
    "DELTA_BINARY_PACKED": ["i8", "u16", "i32", "whole", "i64", "u64", "date", "micros"],
    "BYTE_STREAM_SPLIT": ["f16", "f32", "f64", "i32", "i64", "fixed", "d16"],
    "DELTA_LENGTH_BYTE_ARRAY": ["text", "bytes"],
    "DELTA_BYTE_ARRAY": ["text", "bytes", "fixed"],
    "RLE": ["truth"],
    "PLAIN": ["i32", "text", "f64", "truth"],
}


def files_of_pyarrow():
    count = 0
    rows = table(400)
    with work_folder():
        wanted = None
        for options in variants_of_pyarrow():
            pq.write_table(rows, "t.parquet", **options)
            found = compare(pathlib.Path("t.parquet"))
            expect(found is not None, f"{options}: refused")
            wanted = wanted or found
            expect(found == wanted, f"{options}: {[(a, b) for a, b in zip(found, wanted) if a != b]}")
            count += 1
        by_name = dict(wanted)
        for encoding, names in ENCODINGS.items():
            pq.write_table(rows.select(names), "t.parquet", use_dictionary=False, column_encoding={name: encoding for name in names})
            found = compare(pathlib.Path("t.parquet"))
            expect(found == [(name, by_name[name]) for name in names], f"{encoding}: {found}")
            count += 1
        # Whether fields are REQUIRED has no influence where no value is missing.
        required = pa.schema([pa.field("whole", pa.int32(), nullable=False), pa.field("vector", rows["vector"].type, nullable=False)])
        pq.write_table(rows.select(["whole", "vector"]).cast(required), "t.parquet")
        found = compare(pathlib.Path("t.parquet"))
        expect([value for _, value in found] == [by_name["whole"], by_name["vector.list.element"]], f"required: {found}")
        # Other values, other digests: in every column but those without a value.
        pq.write_table(table(400, seed=2), "t.parquet")
        other = compare(pathlib.Path("t.parquet"))
        same = [a[0] for a, b in zip(other, wanted) if a[1] == b[1]]
        expect(same == ["nothing", "null"], f"other values, but equal digests of {same}")
        for empty in (rows.slice(0, 0), pa.table({"none": pa.array([], pa.int8())})):
            pq.write_table(empty, "t.parquet")
            expect(compare(pathlib.Path("t.parquet")) is not None, "a file without rows is refused")
    print(f"files of pyarrow: {count} variants have one digest")


def timestamps_of_old():
    """INT96 is what it stands for: nanoseconds since 1970, as a timestamp of nanoseconds."""
    with work_folder():
        times = pa.table({"t": pa.array([0, 1, -1, 10**18, None, -(10**18)], pa.timestamp("ns"))})
        found = []
        for old in (False, True):
            pq.write_table(times, "t.parquet", use_deprecated_int96_timestamps=old)
            expect(pq.ParquetFile("t.parquet").schema.column(0).physical_type == ("INT96" if old else "INT64"), "not INT96")
            found.append(compare(pathlib.Path("t.parquet")))
        expect(found[0] is not None and found[0] == found[1], f"INT96: {found}")
        # Of old, uint32 took 64 bits.
        pq.write_table(pa.table({"u": pa.array([1, None, 2**32 - 1], pa.uint32())}), "t.parquet", version="1.0")
        expect(pq.ParquetFile("t.parquet").schema.column(0).physical_type == "INT64", "uint32 is not INT64")
        expect(compare(pathlib.Path("t.parquet")) is not None, "uint32 in 64 bits is refused")


with work_folder():
    others_files()
own_files()
files_of_pyarrow()
timestamps_of_old()
