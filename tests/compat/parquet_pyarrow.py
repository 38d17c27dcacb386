"""pyarrow reads every kind of file that is generated: types, codecs, row groups, counts and values."""
import stoker

pa = stoker.need("pyarrow")
pq = stoker.need("pyarrow.parquet")
ds = stoker.need("pyarrow.dataset")
np = stoker.need("numpy")

NUMBERS = {"uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(), "int8": pa.int8(),
           "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "float16": pa.float16(), "float32": pa.float32(),
           "float64": pa.float64()}
OTHERS = {"bool": pa.bool_(), "string": pa.string(), "binary": pa.binary()}
CODECS = {"none": "UNCOMPRESSED", "snappy": "SNAPPY", "gzip": "GZIP", "zstd": "ZSTD", "lz4": "LZ4"}
ROWS, GROUP, SIZE = 250, 64, 11


def columns():
    """Every type as a scalar and as a vector, with the type that Arrow shall see."""
    specs, types = [], {}
    for name, value_type in NUMBERS.items():
        specs += [f"{{name: {name}, dtype: {name}}}", f"{{name: {name}_v, dtype: {name}, size: {SIZE}}}"]
        types |= {name: value_type, f"{name}_v": pa.list_(value_type, SIZE)}
    for name, value_type in OTHERS.items():
        specs.append(f"{{name: {name}, dtype: {name}, size: 24}}")
        types[name] = value_type
    specs += ["{name: list, dtype: list, size: 5}", "{name: list1, dtype: list, size: 1}"]
    types |= {"list": pa.list_(pa.float32(), 5), "list1": pa.list_(pa.float32(), 1)}
    return f"dataset.parquet.columns=[{', '.join(specs)}]", types


def flat(column):
    """All elements of a column, as one array."""
    array = column.combine_chunks()
    return array.flatten() if pa.types.is_fixed_size_list(array.type) else array


def check_type(what, field, expected, nullable):
    stoker.equal(field.nullable, nullable, f"{what}: may be null")
    if pa.types.is_fixed_size_list(expected):
        stoker.expect(pa.types.is_fixed_size_list(field.type), f"{what}: {field.type}")
        found, expected = (field.type.value_type, field.type.list_size), (expected.value_type, expected.list_size)
        stoker.equal(found, expected, what)
    else:
        stoker.equal(field.type, expected, what)


def check_values(name, column):
    stoker.equal(column.null_count, 0, f"{name}: nulls")
    values = flat(column)
    value_type = values.type
    if pa.types.is_floating(value_type):
        numbers = values.to_numpy(zero_copy_only=False).astype("float64")
        stoker.expect(np.isfinite(numbers).all() and (numbers >= 0).all() and (numbers < 1).all(), f"{name}: not in [0, 1)")
        stoker.expect(0.3 < numbers.mean() < 0.7, f"{name}: mean {numbers.mean()} is not that of a uniform variable")
        stoker.expect(len(np.unique(numbers)) > len(numbers) // 4, f"{name}: only {len(np.unique(numbers))} different values")
    elif pa.types.is_integer(value_type):
        numbers = [value.as_py() for value in values]
        bits = value_type.bit_width
        low = -(2 ** (bits - 1)) if pa.types.is_signed_integer(value_type) else 0
        middle = sum((number - low) / 2**bits for number in numbers) / len(numbers)
        stoker.expect(0.3 < middle < 0.7, f"{name}: mean at {middle:.2f} of the type's range")
        stoker.expect(max(numbers) - low > 0.75 * 2**bits and min(numbers) - low < 0.25 * 2**bits, f"{name}: range not used")
    elif pa.types.is_boolean(value_type):
        stoker.equal(len(set(values.to_pylist())), 2, f"{name}: different values")
    elif pa.types.is_string(value_type):
        for text in values.to_pylist():
            stoker.expect(text.startswith("s_") and 0 <= int(text[2:]) < 2**31, f"{name}: '{text}'")
    else:
        stoker.expect({len(value) for value in values.to_pylist()} == {24}, f"{name}: wrong length")
        stoker.equal(len(set(values.to_pylist())), ROWS, f"{name}: different values")


def every_type():
    override, types = columns()
    for dictionary in ("False", "True"):
        for codec, arrow_codec in CODECS.items():
            stoker.generate(override, f"dataset.compression={codec}", f"dataset.parquet.dictionary={dictionary}",
                            f"dataset.num_samples_per_file={ROWS}", f"dataset.parquet.row_group_size={GROUP}",
                            "dataset.num_files_train=2", "dataset.num_files_eval=1")
            paths = stoker.files()
            stoker.equal(len(paths), 3, "files")
            tables = []
            for path in paths:
                what = f"{codec}, dictionary {dictionary}, {path}"
                file = pq.ParquetFile(path)
                meta = file.metadata
                stoker.equal(meta.num_rows, ROWS, f"{what}: rows")
                stoker.equal([meta.row_group(i).num_rows for i in range(meta.num_row_groups)], [64, 64, 64, 58],
                             f"{what}: rows of the row groups")
                for group in range(meta.num_row_groups):
                    for chunk in range(meta.num_columns):
                        facts = meta.row_group(group).column(chunk)
                        stoker.equal(facts.compression, arrow_codec, f"{what}: codec of {facts.path_in_schema}")
                        # Booleans have no dictionary; byte vectors always have one.
                        if dictionary == "True" and facts.physical_type != "BOOLEAN":
                            stoker.expect(facts.has_dictionary_page, f"{what}: no dictionary in {facts.path_in_schema}")
                        elif not facts.path_in_schema.startswith(("uint8_v", "int8_v")):
                            stoker.expect(not facts.has_dictionary_page, f"{what}: a dictionary in {facts.path_in_schema}")
                table = file.read()
                table.validate(full=True)
                for field in table.schema:
                    check_type(f"{what}: type of {field.name}", field, types[field.name], nullable=dictionary == "True")
                stoker.equal(table.column_names, list(types), f"{what}: order of the columns")
                for name in types:
                    check_values(f"{what}: {name}", table[name])
                # One row group by itself, and one column by itself, are the same rows.
                stoker.expect(file.read_row_group(2, columns=["float32_v", "string"]).equals(
                    table.slice(128, 64).select(["float32_v", "string"])), f"{what}: a row group on its own differs")
                tables.append(table)
            rows = {tuple(map(str, (row["float64"], row["binary"], row["uint64"]))) for table in tables for row in table.to_pylist()}
            stoker.equal(len(rows), 3 * ROWS, f"{codec}: different rows of all files")


def codecs_do_not_change_values():
    override, _ = columns()
    reference = None
    for extra in (["compression=none"], ["compression=zstd", "parquet.dictionary=True"],
                  ["compression=gzip", "parquet.row_group_size=7", "compression_level=1"],
                  ["compression=lz4", "parquet.generation_batch_size=9"]):
        stoker.generate(override, *(f"dataset.{text}" for text in extra), ranks=2)
        # As Python's values: with dictionaries the types may be null, and so are others to Arrow.
        rows = pa.concat_tables(pq.read_table(path) for path in stoker.files()).to_pylist()
        reference = reference or rows
        stoker.expect(rows == reference, f"{extra}: values differ")


def no_columns():
    stoker.generate("dataset.parquet.columns=[]", "dataset.record_length_bytes=10000", "dataset.num_samples_per_file=20",
                    "dataset.parquet.row_group_size=8")
    for path in stoker.files():
        table = pq.read_table(path)
        table.validate(full=True)
        check_type("type of the single column", table.schema.field("data"), pa.list_(pa.uint8(), 10000), nullable=False)
        stoker.equal((table.num_rows, table.num_columns), (20, 1), "rows and columns")
        stoker.equal(len({bytes(row.as_py()) for row in table["data"]}), 20, "different samples")
        stoker.equal(sorted(set(flat(table["data"]).to_pylist())), list(range(256)), "byte values in use")
    stoker.expect(not pq.read_table(stoker.files()[0]).equals(pq.read_table(stoker.files()[1])), "two files are equal")


def partitions():
    names = "[{name: label, dtype: int32}, {name: flag, dtype: bool}, {name: name, dtype: string}, {name: x, dtype: float64}]"
    for column, values in (("label", set(range(6))), ("flag", {False, True}), ("name", {str(i) for i in range(6)})):
        stoker.generate(f"dataset.parquet.columns={names}", f"dataset.parquet.partition_by={column}", "dataset.num_files_train=6",
                        f"dataset.data_folder=by_{column}", ranks=2)
        schema = {"label": pa.int32(), "flag": pa.bool_(), "name": pa.string()}[column]
        hive = ds.partitioning(pa.schema([(column, schema)]), flavor="hive")
        table = ds.dataset(f"by_{column}/train", format="parquet", partitioning=hive).to_table()
        stoker.equal(table.num_rows, 6 * 40, f"rows partitioned by {column}")
        stoker.equal(set(table.column_names), {"label", "flag", "name", "x"}, "columns")
        stoker.equal(len(set(table["x"].to_pylist())), 240, f"different rows, partitioned by {column}")
        found = set(table[column].to_pylist())
        stoker.equal(len(found), len(values), f"different values of {column}, {found}")


def page_checksums():
    """pyarrow finds our checksums right, and a byte that was changed wrong, in data and dictionary pages."""
    override, _ = columns()
    for codec in ("none", "zstd"):
        for dictionary in ("False", "True"):
            stoker.generate(override, f"dataset.compression={codec}", f"dataset.parquet.dictionary={dictionary}",
                            "dataset.parquet.page_checksums=True", "dataset.num_files_train=1")
            path = stoker.files()[0]
            what = f"checksums, {codec}, dictionary {dictionary}"
            checked = pq.read_table(path, page_checksum_verification=True)
            checked.validate(full=True)
            stoker.equal(checked.num_rows, 40, f"{what}: rows")
            chunk = pq.ParquetFile(path).metadata.row_group(1).column(3)
            content = bytearray(path.read_bytes())
            first = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
            for place in (first + 40, first + chunk.total_compressed_size - 1):
                content[place] ^= 1
                path.write_bytes(content)
                try:
                    pq.read_table(path, columns=[chunk.path_in_schema.split(".")[0]], page_checksum_verification=True)
                except OSError as error:
                    stoker.expect("CRC" in str(error), f"{what}: {error}")
                else:
                    raise AssertionError(f"{what}: byte {place} was changed, and pyarrow did not notice")
                content[place] ^= 1


with stoker.work_folder():
    page_checksums()
with stoker.work_folder():
    every_type()
with stoker.work_folder():
    codecs_do_not_change_values()
with stoker.work_folder():
    no_columns()
with stoker.work_folder():
    partitions()
