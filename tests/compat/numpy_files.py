"""NumPy reads the .npy and .npz files that are generated, and what DLIO wrote is trained on."""
import io
import os
import pathlib
import zipfile

import stoker

numpy = stoker.need("numpy")

SAMPLES = 3
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool", "complex64", "complex128"]


def expect_samples(array, dtype, shape, what):
    stoker.equal(str(array.dtype), dtype, f"{what}: type")
    stoker.equal(array.shape, shape, f"{what}: shape")
    if array.dtype.kind == "f":
        stoker.expect(numpy.isfinite(array).all() and array.min() >= 0 and array.max() < 1, f"{what}: not in [0, 1)")
    samples = [array[..., i].tobytes() for i in range(array.shape[-1])]
    stoker.equal(len(set(samples)), len(samples), f"{what}: samples that differ")


# Newer Pythons than 3.11.3 write sizes of 64 bits only, as is done here.
def same_archive(path, x, y, compressed):
    mine = io.BytesIO()
    (numpy.savez_compressed if compressed else numpy.savez)(mine, x=x, y=y)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(mine) as other:
        stoker.equal(archive.testzip(), None, f"{path}: member with a wrong checksum")
        for found, expected in zip(archive.infolist(), other.infolist(), strict=True):
            for field in ("filename", "compress_type", "CRC", "file_size", "date_time", "external_attr", "flag_bits", "create_system"):
                stoker.equal(getattr(found, field), getattr(expected, field), f"{path}: {field} of {found.filename}")
            if not compressed:
                stoker.equal((found.header_offset, found.compress_size), (expected.header_offset, expected.compress_size), f"{path}: place")
    if not compressed:
        stoker.equal(os.path.getsize(path), len(mine.getvalue()), f"{path}: size")


with stoker.work_folder():
    common = ["dataset.num_files_train=2", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={SAMPLES}"]
    for dtype in TYPES:
        for extra, shape in (([], None), (["dataset.record_dims=[4,5,6]"], (4, 5, 6, SAMPLES))):
            if shape is None:
                side = int((20000 / numpy.dtype(dtype).itemsize) ** 0.5)
                shape = (side, side, SAMPLES)
            settings = [*common, f"dataset.record_element_type={dtype}", "dataset.record_length_bytes=20000", *extra]
            stoker.generate("dataset.format=npy", *settings)
            paths = sorted(pathlib.Path("data").rglob("*.npy"))
            stoker.equal(len(paths), 3, f"{dtype}: files")
            for path in paths:
                expect_samples(numpy.load(path), dtype, shape, f"{dtype} {path}")
            for compression in ("none", "zip"):
                stoker.generate("dataset.format=npz", f"dataset.compression={compression}", *settings)
                for path in sorted(pathlib.Path("data/train").glob("*.npz")):
                    with numpy.load(path) as archive:
                        stoker.equal(archive.files, ["x", "y"], f"{path}: arrays")
                        x, y = archive["x"], archive["y"]
                    expect_samples(x, dtype, shape, f"{dtype} {path} {compression}")
                    stoker.expect((y == 0).all() and y.shape == (SAMPLES,) and y.dtype == numpy.int64, f"{path}: labels")
                    same_archive(path, x, y, compression == "zip")
                stoker.run("data", "verify", "data", "--values")
    # A header is numpy's own, byte for byte.
    for path in pathlib.Path("data").rglob("*.npz"):
        with zipfile.ZipFile(path) as archive, numpy.load(path) as arrays:
            mine = io.BytesIO()
            numpy.save(mine, arrays["x"])
            stoker.equal(archive.read("x.npy"), mine.getvalue(), f"{path}: x.npy")

# Arrays that NumPy wrote, larger ones and with what stoker itself never writes.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    values = numpy.arange(2 * 3 * 4, dtype="<i4").reshape(2, 3, 4)
    numpy.savez(folder / "img_0_of_2.npz", y=numpy.zeros(4), x=values, more=numpy.ones((1000, 1000)))
    numpy.savez_compressed(folder / "img_1_of_2.npz", x=values)
    one, two = (stoker.run("data", "digest", str(folder / f"img_{i}_of_2.npz")).stdout.splitlines()[-1] for i in (0, 1))
    stoker.equal(one, two, "digests of the same samples, stored and deflated")
    done = stoker.attempt("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run",
                          "++workload.dataset.data_folder=data", "++workload.dataset.format=npz", "++workload.workflow.generate_data=False",
                          "++workload.dataset.num_files_train=2", "++workload.dataset.num_files_eval=0", "++workload.dataset.num_samples_per_file=4",
                          "++workload.reader.batch_size=1", "++workload.workflow.evaluation=False", "++workload.reader.collate=True")
    stoker.equal(done.returncode, 0, done.stderr)
    stoker.expect("8 of 8 samples read" in done.stdout, done.stdout)
    for name, wrong, message in (("fortran", numpy.asfortranarray(values), "Fortran's order"), ("big", values.astype(">i4"), "big endian"),
                                 ("text", numpy.array(["a", "b"]), "expected numbers or booleans")):
        numpy.savez(f"{name}.npz", x=wrong)
        done = stoker.attempt("data", "inspect", f"{name}.npz")
        stoker.expect(done.returncode != 0 and message in done.stderr, f"{name}: {done.stderr}")

# What the real DLIO wrote, with its own workload files.
stoker.train_on_interop("npy", "npz", "npz_zip")
