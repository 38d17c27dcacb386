"""DuckDB reads what is generated: types, codecs of every chunk, row groups, counts, partitions."""
import stoker

duckdb = stoker.need("duckdb")

TYPES = {"uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT", "int8": "TINYINT", "int16": "SMALLINT",
         "int32": "INTEGER", "int64": "BIGINT", "float32": "FLOAT", "float64": "DOUBLE", "float16": "FLOAT", "bool": "BOOLEAN",
         "string": "VARCHAR", "binary": "BLOB"}
CODECS = {"none": "UNCOMPRESSED", "snappy": "SNAPPY", "gzip": "GZIP", "zstd": "ZSTD", "lz4": "LZ4_RAW"}
ROWS = 200


def rows(query):
    return duckdb.sql(query).fetchall()


with stoker.work_folder():
    specs = [f"{{name: {name}, dtype: {name}, size: {16 if name == 'binary' else 1}}}" for name in TYPES]
    specs += [f"{{name: {name}_v, dtype: {name}, size: 6}}" for name in TYPES if name not in ("bool", "string", "binary")]
    for dictionary in ("False", "True"):
        for codec, expected in CODECS.items():
            what = f"{codec}, dictionary {dictionary}"
            stoker.generate(f"dataset.parquet.columns=[{', '.join(specs)}]", f"dataset.compression={codec}",
                            f"dataset.parquet.dictionary={dictionary}", f"dataset.num_samples_per_file={ROWS}",
                            "dataset.parquet.row_group_size=64", "dataset.num_files_train=3", ranks=2)
            source = "'data/train/*.parquet'"
            stoker.equal(rows(f"SELECT count(*) FROM {source}"), [(3 * ROWS,)], f"{what}: rows")
            stoker.equal(rows(f"SELECT DISTINCT compression FROM parquet_metadata({source})"), [(expected,)], f"{what}: codecs")
            groups = rows(f"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata({source}) ORDER BY 1")
            stoker.equal(groups, [(0, 64), (1, 64), (2, 64), (3, 8)], f"{what}: row groups")
            found = {name: kind for name, kind, *_ in rows(f"DESCRIBE SELECT * FROM {source}")}
            for name, kind in TYPES.items():
                stoker.equal(found[name], kind, f"{what}: type of {name}")
                if f"{name}_v" in found:
                    stoker.equal(found[f"{name}_v"], f"{kind}[]", f"{what}: type of {name}_v")
            checks = ["count(DISTINCT float64) = count(*)", "count(DISTINCT \"binary\") = count(*)",
                      "min(float32) >= 0 AND max(float32) < 1", "min(float16) >= 0 AND max(float16) < 1",
                      "min(octet_length(\"binary\")) = 16", "bool_and(\"string\" LIKE 's\\_%' ESCAPE '\\')",
                      "min(len(float32_v)) = 6 AND max(len(float32_v)) = 6", "count(DISTINCT uint8_v) = count(*)",
                      "count(int8_v) = count(*) AND count(bool) = count(*)"]
            for check in checks:
                stoker.equal(rows(f"SELECT {check} FROM {source}"), [(True,)], f"{what}: {check}")

with stoker.work_folder():
    stoker.generate("dataset.parquet.columns=[{name: label, dtype: int16}, {name: x, dtype: float64}]",
                    "dataset.parquet.partition_by=label", "dataset.num_files_train=6")
    stoker.equal(rows("SELECT label, count(*), count(DISTINCT x) FROM read_parquet('data/train/**/*.parquet', hive_partitioning=true) "
                      "GROUP BY label ORDER BY label"), [(i, 40, 40) for i in range(6)], "Hive partitions")
