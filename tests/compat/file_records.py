"""The table of files is read with numpy as docs/formats.md describes it, and says of each file what the file is."""
import json
import pathlib
import zlib

import stoker

np = stoker.need("numpy")

ENTRY = np.dtype([("rows", "<u8"), ("bytes", "<u8"), ("checksum", "<u8"), ("flags", "<u4"), ("crc", "<u4")])
HEADER = np.dtype([("magic", "S8"), ("identity", "<u8"), ("files", "<u8"), ("version", "<u4"), ("crc", "<u4")])


def check(table, paths, rows):
    raw = pathlib.Path(table).read_bytes()
    header = np.frombuffer(raw, HEADER, count=1)[0]
    entries = np.frombuffer(raw, ENTRY, offset=HEADER.itemsize)
    stoker.equal((header["magic"], int(header["version"]), int(header["files"])), (b"STKFILES", 1, len(paths)), "header")
    stoker.equal(int(header["crc"]), zlib.crc32(raw[:28]), "CRC of the header")
    stoker.equal(len(entries), len(paths), "entries")
    for g, (entry, path) in enumerate(zip(entries, paths)):
        at = HEADER.itemsize + g * ENTRY.itemsize
        stoker.equal(int(entry["crc"]), zlib.crc32(raw[at:at + 28], zlib.crc32(g.to_bytes(8, "little"))), f"CRC of entry {g}")
        stoker.equal((int(entry["flags"]), int(entry["rows"]), int(entry["bytes"])), (1, rows, path.stat().st_size), str(path))
    return entries


with stoker.work_folder() as folder:
    stoker.generate("dataset.num_files_train=12", "dataset.num_files_eval=3", "dataset.num_subfolders_train=2", ranks=3)
    # In the order of the numbers in the names, whatever the folder.
    order = sorted((folder / "data/train").rglob("*.parquet"), key=lambda path: path.name) + stoker.files("data/valid")
    found = check("data/stoker_dataset.files", order, 40)
    stoker.expect(len(set(found["checksum"])) == 15, "two files have one checksum")
    stoker.expect(json.loads(pathlib.Path("data/stoker_dataset.json").read_text())["complete"], "the data set is not complete")
    stoker.expect(not list(pathlib.Path("data").glob("stoker_dataset.journal.*")), "journals are left")
    before = pathlib.Path("data/stoker_dataset.files").read_bytes()
    stoker.generate("dataset.num_files_train=12", "dataset.num_files_eval=3", "dataset.num_subfolders_train=2", ranks=1)
    stoker.equal(pathlib.Path("data/stoker_dataset.files").read_bytes(), before, "the table of the same data set")
    try:
        xxhash = __import__("xxhash")
    except ImportError:
        xxhash = None
    if xxhash:
        for entry, path in zip(found, order):
            stoker.equal(int(entry["checksum"]), xxhash.xxh3_64_intdigest(path.read_bytes()), f"checksum of {path}")
