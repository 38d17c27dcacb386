"""NumPy reads the indexed binaries that are generated, and what DLIO wrote is trained on."""
import pathlib

import stoker

numpy = stoker.need("numpy")

SAMPLES = 5

with stoker.work_folder():
    for kind in ("indexed_binary", "mmap_indexed_binary"):
        for settings, dtype, elements in ((["dataset.record_length_bytes=1000"], "uint8", 31 * 31),
                                          (["dataset.record_dims=[7,3]", "dataset.record_element_type=int16"], "int16", 21),
                                          (["dataset.record_length_bytes=4000", "dataset.record_length_bytes_stdev=700"], "uint8", None)):
            stoker.generate(f"dataset.format={kind}", "dataset.num_files_train=4", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={SAMPLES}", *settings)
            paths = sorted(pathlib.Path("data").rglob(f"*.{kind}"))
            stoker.equal(len(paths), 5, f"{settings}: files")
            samples, sizes = [], set()
            for path in paths:
                offsets = numpy.fromfile(f"{path}.off.idx", dtype="<u8")
                lengths = numpy.fromfile(f"{path}.sz.idx", dtype="<u8")
                data = numpy.memmap(path, dtype=dtype, mode="r")
                stoker.equal((len(offsets), len(lengths)), (SAMPLES, SAMPLES), f"{path}: samples")
                stoker.equal(int(lengths.sum()), path.stat().st_size, f"{path}: size")
                stoker.equal(offsets.tolist(), [0, *numpy.cumsum(lengths)[:-1].tolist()], f"{path}: offsets")
                width = data.dtype.itemsize
                for offset, length in zip(offsets.tolist(), lengths.tolist()):
                    sample = data[offset // width:(offset + length) // width]
                    samples.append(sample.tobytes())
                    sizes.add(len(sample))
            stoker.equal(len(set(samples)), len(samples), f"{settings}: samples that differ")
            if elements is not None:
                stoker.equal(sizes, {elements}, f"{settings}: elements of a sample")
            stoker.run("data", "verify", "data", "--values")
            done = stoker.run("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=read",
                              "++workload.dataset.data_folder=data", f"++workload.dataset.format={kind}", "++workload.workflow.generate_data=False",
                              "++workload.dataset.num_files_train=4", "++workload.dataset.num_files_eval=1", f"++workload.dataset.num_samples_per_file={SAMPLES}",
                              "++workload.reader.batch_size=2", "++workload.reader.sample_shuffle=seed", "++workload.reader.verify=True",
                              *(f"++workload.{text}" for text in settings))
            stoker.expect("20 of 20 samples read, none more than once" in done.stdout, done.stdout)
            stoker.expect(("memory mapping" in done.stdout) == (kind == "mmap_indexed_binary"), done.stdout)

# An index that is lost or says something else is told with its name.
with stoker.work_folder():
    stoker.generate("dataset.format=indexed_binary", "dataset.num_files_train=2", "dataset.num_samples_per_file=4", "dataset.record_length_bytes=100")
    index = pathlib.Path("data/train/img_1_of_2.indexed_binary.sz.idx")
    whole = index.read_bytes()
    for content, message in ((None, "is missing"), (whole[:-8], "has the lengths of 3 samples, expected 4"), (b"\xff" * len(whole), "sample 0")):
        index.unlink()
        if content is not None:
            index.write_bytes(content)
        done = stoker.attempt("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=read",
                              "++workload.dataset.data_folder=data", "++workload.dataset.format=indexed_binary", "++workload.workflow.generate_data=False",
                              "++workload.dataset.num_files_train=2", "++workload.dataset.num_files_eval=0", "++workload.dataset.num_samples_per_file=4",
                              "++workload.dataset.record_length_bytes=100", "++workload.reader.batch_size=1", "++workload.workflow.evaluation=False")
        stoker.expect(done.returncode != 0 and message in done.stderr and "img_1_of_2.indexed_binary" in done.stderr, f"{message}: {done.stderr}")
        done = stoker.attempt("data", "verify", "data")
        stoker.expect(done.returncode != 0 and "img_1_of_2.indexed_binary.sz.idx" in done.stdout + done.stderr, done.stdout + done.stderr)
        if content is None:
            index.write_bytes(b"")
    stoker.run("data", "verify", "data", "--repair")
    stoker.equal(index.read_bytes(), whole, "the index that was repaired")

stoker.train_on_interop("indexed_binary", "mmap_indexed_binary")
