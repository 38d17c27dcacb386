"""What docs/formats.md says is refused is refused, with its file and these words, in every command that reads it."""
import base64
import pathlib

from stoker import attempt, expect, need, run, work_folder

pa = need("pyarrow")
pq = need("pyarrow.parquet")
pe = need("pyarrow.parquet.encryption")


class Kms(pe.KmsClient):
    """Keys are wrapped by no more than base64: what matters here is what the file says of itself."""

    def __init__(self, config):
        pe.KmsClient.__init__(self)

    def wrap_key(self, key, master_key_identifier):
        return base64.b64encode(key)

    def unwrap_key(self, wrapped, master_key_identifier):
        return base64.b64decode(wrapped)


def write_encrypted(path, table, plaintext_footer):
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["b"]}, plaintext_footer=plaintext_footer,
                                        double_wrapping=False)
    factory = pe.CryptoFactory(Kms)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)


def patched(path, table, old, new):
    pq.write_table(table, path, compression="gzip", use_dictionary=False)
    data = pathlib.Path(path).read_bytes()
    expect(data.count(old) == 1, f"{path}: {data.count(old)} places to change")
    pathlib.Path(path).write_bytes(data.replace(old, new))


def nested(levels):
    kind, values = pa.int32(), [1, 2, 3]
    array = pa.array(values, kind)
    for _ in range(levels):
        array = pa.StructArray.from_arrays([array], ["s"])
    return pa.table({"a": array})


def make_files():
    """(file, words of the refusal)."""
    table = pa.table({"a": pa.array(range(100), pa.int32()), "b": pa.array(range(100), pa.int64())})
    write_encrypted("footer.parquet", table, plaintext_footer=False)
    yield "footer.parquet", "has an encrypted footer, which cannot be read here"
    write_encrypted("plain_footer.parquet", table, plaintext_footer=True)
    yield "plain_footer.parquet", "encrypted"
    # ColumnMetaData: path_in_schema ["a"], codec 2 (gzip), and the number of values.
    patched("lzo.parquet", table, b"\x19\x18\x01a\x15\x04\x16", b"\x19\x18\x01a\x15\x06\x16")
    yield "lzo.parquet", "is compressed with codec 3 (lzo), which cannot be read here"
    patched("unknown.parquet", table, b"\x19\x18\x01a\x15\x04\x16", b"\x19\x18\x01a\x15\x7e\x16")
    yield "unknown.parquet", "codec 63"
    pq.write_table(nested(120), "deep.parquet")
    yield "deep.parquet", "nested more than 100 levels deep, which is the most that stoker reads"
    pq.write_table(table, "short.parquet")
    whole = pathlib.Path("short.parquet").read_bytes()
    pathlib.Path("short.parquet").write_bytes(whole[:-20])
    yield "short.parquet", "does not end with the magic of a Parquet file"
    pathlib.Path("text.parquet").write_text("a,b\n1,2\n" * 100)
    yield "text.parquet", "does not end with the magic of a Parquet file"
    pathlib.Path("long_footer.parquet").write_bytes(whole[:-8] + (10**9).to_bytes(4, "little") + b"PAR1")
    yield "long_footer.parquet", "footer"


def main():
    with work_folder():
        for name, words in make_files():
            for decode in ("arrays", "arrow"):
                for command in (["digest", f"--decode={decode}"], ["verify"], ["inspect", "--rows=1"]):
                    done = attempt("data", command[0], name, *command[1:])
                    said = done.stdout + done.stderr
                    expect(done.returncode in (5, 6), f"{command} {name}: exit code {done.returncode}: {said}")
                    lines = [line for line in said.splitlines() if words in line and name in line]
                    expect(len(lines) == 1, f"{command} {name}: expected one line with '{words}': {said}")
        # The most that is read is read.
        pq.write_table(nested(90), "deep.parquet")
        run("data", "digest", "deep.parquet")


main()
