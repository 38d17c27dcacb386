"""pandas reads the CSV files that are generated, and what pandas, NumPy and DLIO wrote is read."""
import pathlib

import stoker

numpy = stoker.need("numpy")
pandas = stoker.need("pandas")

LINES = 3
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool"]
SUFFIXES = {"none": "", "gzip": ".gz", "bz2": ".bz2", "xz": ".xz", "zip": ".zip"}


def read(path, dtype):
    # float16 goes through float64, as it does here.
    through = "float64" if dtype == "float16" else dtype
    return pandas.read_csv(path, header=None, compression="infer", dtype=through).to_numpy().astype(dtype)


def text_of(array):
    """As NumPy writes the shortest text that reads back, in the notation of C++."""
    return [[str(value) for value in row] for row in array.tolist()] if array.dtype.kind in "iub" else None


def digest(path):
    return stoker.run("data", "digest", str(path)).stdout.splitlines()[-1].split()


def expect_same_values(path, array):
    """What stoker shows of the first line, and that it takes the file for what pandas takes it for."""
    shown = stoker.run("data", "inspect", str(path), "--json", "--rows=1").stdout
    stoker.expect(str(array[0].tolist()[0]) in shown, f"{path}: {array[0][:1]} not in {shown[:2000]}")


with stoker.work_folder():
    common = ["dataset.format=csv", "dataset.num_files_train=2", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={LINES}"]
    for dtype in TYPES:
        arrays = {}
        codecs = SUFFIXES if dtype in ("uint8", "float32") else {"none": ""}
        for codec, suffix in codecs.items():
            stoker.generate(*common, f"dataset.record_element_type={dtype}", "dataset.record_dims=[40,5]", f"dataset.compression={codec}")
            paths = sorted(pathlib.Path("data").rglob(f"*.csv{suffix}"))
            stoker.equal(len(paths), 3, f"{dtype} {codec}: files")
            for path in paths:
                array = read(path, dtype)
                stoker.equal(array.shape, (LINES, 200), f"{path}: shape")
                stoker.equal(len({row.tobytes() for row in array}), LINES, f"{path}: lines that differ")
                if array.dtype.kind == "f":
                    stoker.expect(array.min() >= 0 and array.max() < 1, f"{path}: not in [0, 1)")
                name = path.name.removesuffix(suffix) if suffix else path.name
                stoker.expect(arrays.setdefault((path.parent, name), array).tobytes() == array.tobytes(), f"{path}: other values than without {codec}")
                if not suffix:
                    lines = path.read_text().splitlines()
                    written = [line.split(",") for line in lines]
                    if text_of(array) is not None:
                        stoker.equal(written, text_of(array), f"{path}: text")
                    # No number has a shorter text that reads back: NumPy's has as few digits.
                    for ours, theirs in zip(written[0], array[0]) if array.dtype.kind == "f" else ():
                        digits = [sum(c.isdigit() for c in text.split("e")[0].replace(".", "").lstrip("0")) for text in (ours, str(theirs))]
                        stoker.expect(digits[0] <= digits[1], f"{path}: {ours} for {theirs}")
            stoker.run("data", "verify", "data", "--values")

# What pandas and NumPy write, in its variants.
with stoker.work_folder() as folder:
    random = numpy.random.default_rng(1)
    integers = random.integers(0, 256, (4, 50), dtype=numpy.uint8)
    floats = random.random((4, 50))
    frame = pandas.DataFrame(integers)
    frame.to_csv("plain.csv", header=False, index=False)
    frame.to_csv("crlf.csv", header=False, index=False, lineterminator="\r\n")
    for suffix in (".gz", ".bz2", ".xz", ".zip"):
        frame.to_csv(f"codec.csv{suffix}", header=False, index=False)
    numpy.savetxt("savetxt.csv", integers, fmt="%d", delimiter=",")
    numpy.savetxt("spaces.csv", integers, fmt="%3d", delimiter=", ")
    digests = {path.name: digest(path) for path in sorted(pathlib.Path().glob("*.csv*"))}
    stoker.equal(len(digests), 8, "files")
    stoker.equal(len({tuple(found) for found in digests.values()}), 1, f"digests of the same numbers: {digests}")
    pandas.DataFrame(floats).to_csv("floats.csv", header=False, index=False)
    numpy.savetxt("floats_savetxt.csv", floats, delimiter=",")
    stoker.equal(digest("floats.csv"), digest("floats_savetxt.csv"), "digests of floats")
    expect_same_values("floats.csv", floats)
    for name, write, message in (
            ("header.csv", lambda path: frame.to_csv(path, index=False, header=[f"c{i}" for i in range(50)]), "line 1, field 1: found 'c0'"),
            ("missing.csv", lambda path: pandas.DataFrame({"a": [1.0, None], "b": [2.0, 3.0]}).to_csv(path, index=False, header=False), "line 2, field 1: found nothing"),
            ("ragged.csv", lambda path: pathlib.Path(path).write_text("1,2\n3\n"), "line 2: found 1 value, expected 2"),
            ("quoted.csv", lambda path: pathlib.Path(path).write_text('"1","2"\n'), "line 1, field 1: found '\"1\"'")):
        write(name)
        done = stoker.attempt("data", "inspect", name)
        stoker.expect(done.returncode != 0 and message in done.stderr, f"{name}: {done.stderr}")

    # A data set of pandas is trained on: more lines a file than are asked for, as others' file names.
    pathlib.Path("data/train").mkdir(parents=True)
    for i in range(3):
        frame.to_csv(f"data/train/part-{i}.csv.gz", header=False, index=False)
    for samples, expected in ((4, "12 of 12 samples read"), (2, "6 of 12 samples read")):
        done = stoker.dlio("dataset.format=csv", "dataset.compression=gzip", "workflow.generate_data=False", "dataset.num_files_train=3",
                           "dataset.num_files_eval=0", f"dataset.num_samples_per_file={samples}", "reader.batch_size=1", "workflow.evaluation=False",
                           "reader.collate=True", "dataset.record_dims=[50]")
        stoker.expect(expected in done.stdout, f"{samples}: {done.stdout}")

# What the real DLIO wrote, with its own workload file.
stoker.train_on_interop("csv")
