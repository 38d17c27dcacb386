"""h5py reads the HDF5 files that are generated, and what h5py and DLIO wrote is trained on."""
import pathlib
import struct

import stoker

h5py = stoker.need("h5py")
numpy = stoker.need("numpy")

SAMPLES = 3
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool", "complex64", "complex128"]
WORDS = 1 << 32


def mix64(x):
    mask = (1 << 64) - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & mask
    return x ^ x >> 31


def derive(seed, *parts):
    h = mix64(seed)
    for part in parts:
        h = mix64((h << 32 | h >> 32) & ((1 << 64) - 1) ^ mix64(part))
    return h


def words(key, count):
    """Of docs/formats.md, Values."""
    a = derive(key, 0)
    k0, k1, k2 = (numpy.uint32(k % WORDS) for k in (a, a >> 32, mix64(a)))
    with numpy.errstate(over="ignore"):
        x = numpy.arange(count, dtype=numpy.uint32) + k0
        x ^= x >> numpy.uint32(16)
        x *= numpy.uint32(0x21F0AAAD)
        x ^= x >> numpy.uint32(15)
        x += k1
        x *= numpy.uint32(0x735A2D97)
        x ^= x >> numpy.uint32(15)
        return x ^ k2


def generated(dtype, file, array, count):
    """The elements of one array of one file."""
    key = derive(10, file, array)
    kind = numpy.dtype(dtype)
    if dtype == "bool":
        return (words(key, count // 4 + 1).view(numpy.uint8)[:count] & 1).astype(bool)
    if kind.kind == "c":
        part = "float32" if kind.itemsize == 8 else "float64"
        return generated(part, file, array, 2 * count).view(dtype)
    if dtype == "float16":
        return ((words(key, count // 2 + 1).view(numpy.uint16)[:count] >> 5) * 2.0**-11).astype(dtype)
    if dtype == "float32":
        return ((words(key, count) >> 8) * 2.0**-24).astype(dtype)
    if dtype == "float64":
        pairs = words(key, 2 * count).astype(numpy.uint64)
        return ((pairs[0::2] >> 5) * 2.0**26 + (pairs[1::2] >> 6)) * 2.0**-53
    return words(key, count * kind.itemsize // 8 * 2 + 2).view(dtype)[:count]


def check(path, file, dtype, shape, parts, *, chunks=None, compression=None, level=None, most=None):
    with h5py.File(path) as found:
        # HDF5 of version 1.10 and later writes these in files that ask for the newest layout.
        stoker.equal(path.read_bytes()[8], 3, f"{path}: superblock")
        stoker.equal(sorted(found), sorted([*(f"records_{i}" for i in range(parts)), "labels"]), f"{path}: names")
        for i in range(parts):
            array = found[f"records_{i}"]
            stoker.equal((array.shape, str(array.dtype)), (shape, dtype), f"{path}: records_{i}")
            stoker.equal((array.chunks, array.compression, array.compression_opts), (chunks, compression, level), f"{path}: chunks")
            stoker.equal(array.maxshape, most or shape, f"{path}: maxshape")
            expected = generated(dtype, file, i, array.size).reshape(shape)
            stoker.expect((array[...] == expected).all(), f"{path}: values of records_{i}")
        labels = found["labels"]
        stoker.expect(labels.shape == shape[:1] and labels.dtype == numpy.int64 and not labels[...].any(), f"{path}: labels")


# Files that are generated.
with stoker.work_folder():
    common = ["dataset.format=hdf5", "dataset.num_files_train=2", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={SAMPLES}",
              "dataset.record_length_bytes=20000"]

    def expect_files(dtype, shape, parts, settings, **layout):
        stoker.generate(*common, f"dataset.record_element_type={dtype}", *settings)
        paths = sorted(pathlib.Path("data/train").glob("*.hdf5")) + sorted(pathlib.Path("data/valid").glob("*.hdf5"))
        stoker.equal(len(paths), 3, f"{dtype}: files")
        for file, path in enumerate(paths):
            check(path, file, dtype, shape, parts, **layout)
        stoker.run("data", "verify", "data", "--values")

    for dtype in TYPES:
        side = int((20000 / numpy.dtype(dtype).itemsize) ** 0.5)
        expect_files(dtype, (SAMPLES, side, side), 1, [])
    expect_files("float32", (SAMPLES, 4, 5, 6), 1, ["dataset.record_dims=[4,5,6]"])
    expect_files("int16", (SAMPLES, 5, 6), 4, ["dataset.record_dims=[4,5,6]", "dataset.hdf5.num_dset_per_record=4"])
    expect_files("int16", (SAMPLES, 2, 6), 20, ["dataset.record_dims=[40,6]", "dataset.hdf5.num_dset_per_record=20"])
    gzip = ["dataset.compression=gzip", "dataset.record_dims=[40,50]"]
    for dtype in ("uint8", "float64", "bool", "complex64"):
        whole = (SAMPLES, 40, 50)
        expect_files(dtype, whole, 1, gzip, chunks=whole, compression="gzip", level=4)
        expect_files(dtype, whole, 1, ["dataset.compression=lzf", "dataset.record_dims=[40,50]"], chunks=whole, compression="lzf")
    chunked = ["dataset.record_dims=[40,50]", "dataset.hdf5.chunk_dims=[2,7,50]"]
    expect_files("int32", (SAMPLES, 40, 50), 1, chunked, chunks=(2, 7, 50))
    expect_files("int32", (SAMPLES, 10, 50), 4, [*chunked, "dataset.compression=gzip", "dataset.compression_level=1",
                                                 "dataset.hdf5.num_dset_per_record=4"], chunks=(2, 7, 50), compression="gzip", level=1)
    expect_files("uint8", (SAMPLES, 40, 50), 1, ["dataset.record_dims=[40,50]", "dataset.hdf5.max_shape=[64,50]"],
                 chunks=(SAMPLES, 40, 50), most=(SAMPLES, 64, 50))
    # More chunks than one page of an index has: a page of 1,024.
    expect_files("uint8", (SAMPLES, 40, 50), 1, ["dataset.record_dims=[40,50]", "dataset.hdf5.chunk_dims=[1,2,2]"], chunks=(1, 2, 2))
    expect_files("uint8", (SAMPLES, 40, 50), 1, ["dataset.record_dims=[40,50]", "dataset.hdf5.chunk_dims=[1,2,2]",
                                                 "dataset.hdf5.max_shape=[41,60]"], chunks=(1, 2, 2), most=(SAMPLES, 41, 60))
    # A sample of more than 1 MiB is cut by itself.
    expect_files("uint8", (SAMPLES, 3000, 1000), 1, ["dataset.record_dims=[3000,1000]", "dataset.compression=gzip"],
                 chunks=(1, 1048, 1000), compression="gzip", level=4)


def train(files, samples, *settings, ok=True):
    done = stoker.attempt("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run",
                          "++workload.dataset.data_folder=data", "++workload.dataset.format=hdf5", "++workload.workflow.generate_data=False",
                          f"++workload.dataset.num_files_train={files}", "++workload.dataset.num_files_eval=0",
                          f"++workload.dataset.num_samples_per_file={samples}", "++workload.reader.batch_size=1",
                          "++workload.workflow.evaluation=False", "++workload.reader.collate=True",
                          "++workload.reader.sample_shuffle=seed", *settings)
    if ok:
        stoker.equal(done.returncode, 0, done.stderr)
        stoker.expect(f"{files * samples} of {files * samples} samples read" in done.stdout, done.stdout)
    return done


# Files that h5py wrote, in every shape that it has: all have the digest of the plain one.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    rows = 37
    random = numpy.random.default_rng(1)
    values = random.integers(0, 50, (rows, 6, 5), dtype="<i4")
    fill = values.copy()
    fill[9:] = 77

    def digest(path):
        return [line.split()[-1] for line in stoker.run("data", "digest", str(path)).stdout.splitlines() if "records_0" in line]

    def write(path, data, libver, *, links=0, userblock=0, **options):
        with h5py.File(path, "w", libver=libver, userblock_size=userblock) as file:
            for i in range(links):
                file[f"other_{i:03}"] = numpy.arange(i)
            file.attrs["note"] = "x" * 3000
            array = file.create_dataset("records_0", data=data, **options)
            array.attrs["unit"] = "counts"
            array.attrs["more"] = numpy.arange(1000)
            file["labels"] = numpy.zeros(len(data), dtype="i8")

    shapes = {
        "plain": {},
        "times": {"track_times": True},
        "links": {"links": 9},
        "many_links": {"links": 300},
        "userblock": {"userblock": 1024},
        "chunks": {"chunks": (1, 6, 5)},
        "chunks_of_rows": {"chunks": (4, 6, 5)},
        "chunks_cut": {"chunks": (4, 4, 3)},
        "gzip": {"chunks": (4, 4, 3), "compression": "gzip"},
        "gzip_auto": {"compression": "gzip", "compression_opts": 9},
        "shuffle": {"chunks": (4, 6, 5), "compression": "gzip", "shuffle": True},
        "fletcher": {"chunks": (4, 6, 5), "fletcher32": True},
        "all": {"chunks": (4, 4, 5), "compression": "gzip", "shuffle": True, "fletcher32": True},
        "lzf": {"chunks": (4, 6, 5), "compression": "lzf"},
        "lzf_shuffle": {"chunks": (4, 4, 5), "compression": "lzf", "shuffle": True, "fletcher32": True},
        "one_chunk": {"chunks": (rows, 6, 5)},
        "one_chunk_gzip": {"chunks": (rows, 6, 5), "compression": "gzip"},
        "resizable": {"chunks": (1, 2, 5), "maxshape": (None, 6, 5)},
        "resizable_gzip": {"chunks": (1, 2, 2), "maxshape": (None, 6, 5), "compression": "gzip"},
        "resizable_inner": {"chunks": (2, 2, 2), "maxshape": (100, None, 5)},
        "resizable_both": {"chunks": (1, 2, 2), "maxshape": (None, None, 5), "compression": "gzip"},
        "resizable_all": {"chunks": (2, 2, 2), "maxshape": (None, None, None)},
        "larger": {"chunks": (2, 4, 4), "maxshape": (50, 8, 8)},
    }
    for libver in ("earliest", "latest"):
        expected = None
        for name, options in shapes.items():
            path = pathlib.Path(f"{name}.hdf5")
            write(path, values, libver, **options)
            found = digest(path)
            expected = expected or found
            stoker.equal(found, expected, f"{libver}, {name}: digest")
        for i, name in enumerate(("plain", "all")):
            pathlib.Path(f"{name}.hdf5").replace(folder / f"img_{i}_of_2.hdf5")
        train(2, rows)
    # Indexes of many chunks: pages of fixed arrays, super blocks and pages of extensible ones, trees of some depth.
    many = random.integers(0, 1 << 16, (60000, 2), dtype="<u2")
    for libver in ("earliest", "latest"):
        expected = None
        for name, options in {"plain": {}, "fixed": {"chunks": (2, 1)}, "extensible": {"chunks": (1, 2), "maxshape": (None, 2)},
                              "extensible_fletcher": {"chunks": (1, 2), "maxshape": (None, 2), "fletcher32": True},
                              "tree": {"chunks": (2, 2), "maxshape": (None, None)}}.items():
            write("many.hdf5", many, libver, **options)
            found = digest("many.hdf5")
            expected = expected or found
            stoker.equal(found, expected, f"{libver}, many chunks, {name}: digest")
    # Chunks that were never written are the fill value, and arrays that were cut or never written at all.
    for libver in ("earliest", "latest"):
        write("plain.hdf5", fill, libver)
        for chunks, most in (((3, 6, 5), None), ((3, 6, 5), (None, 6, 5)), ((3, 3, 5), (None, None, 5))):
            with h5py.File("holes.hdf5", "w", libver=libver) as file:
                array = file.create_dataset("records_0", (rows, 6, 5), "<i4", chunks=chunks, maxshape=most, fillvalue=77)
                array[:9] = values[:9]
            stoker.equal(digest("holes.hdf5"), digest("plain.hdf5"), f"{libver}: fill value of {chunks}, {most}")
        with h5py.File("shrunk.hdf5", "w", libver=libver) as file:
            array = file.create_dataset("records_0", data=numpy.concatenate([fill, fill]), chunks=(3, 6, 5), maxshape=(None, 6, 5))
            array.resize((rows, 6, 5))
        stoker.equal(digest("shrunk.hdf5"), digest("plain.hdf5"), f"{libver}: array that was cut")
        with h5py.File("never.hdf5", "w", libver=libver) as file:
            file.create_dataset("records_0", (rows, 6, 5), "<i4", fillvalue=77)
        fill[:] = 77
        write("plain.hdf5", fill, libver)
        stoker.equal(digest("never.hdf5"), digest("plain.hdf5"), f"{libver}: never written")
        fill[:9] = values[:9]
        # In the header itself, and allocated before it is written.
        for layout in (h5py.h5d.COMPACT, "early"):
            with h5py.File("other.hdf5", "w", libver=libver) as file:
                plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                if layout == "early":
                    plist.set_chunk((2, 6, 5))
                    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                else:
                    plist.set_layout(layout)
                space = h5py.h5s.create_simple(values.shape)
                made = h5py.h5d.create(file.id, b"records_0", h5py.h5t.NATIVE_INT32, space, plist)
                made.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
            write("plain.hdf5", values, libver)
            stoker.equal(digest("other.hdf5"), digest("plain.hdf5"), f"{libver}: {layout}")
    # All types, as h5py has them.
    for libver in ("earliest", "latest"):
        for dtype in TYPES:
            write("type.hdf5", numpy.arange(24).reshape(4, 6).astype(dtype), libver)
            done = stoker.run("data", "inspect", "type.hdf5")
            stoker.expect(dtype in done.stdout, f"{dtype}: {done.stdout}")

# What is refused, by its name.
with stoker.work_folder():
    plain = numpy.zeros((4, 6), dtype="<i4")

    def refused(message, make, **options):
        with h5py.File("bad.hdf5", "w", **options) as file:
            make(file)
        done = stoker.attempt("data", "inspect", "bad.hdf5")
        stoker.expect(done.returncode != 0 and message in done.stderr and "bad.hdf5" in done.stderr, f"{message}: {done.stderr}")

    def virtual(file):
        layout = h5py.VirtualLayout(shape=(4, 6), dtype="<i4")
        layout[:] = h5py.VirtualSource("elsewhere.hdf5", "records_0", shape=(4, 6))
        file.create_virtual_dataset("records_0", layout)

    def shared_type(file):
        file["type"] = numpy.dtype("<i4")
        file.create_dataset("records_0", (4, 6), dtype=file["type"])

    for libver in ("earliest", "latest"):
        for message, make in (
            ("'records_0' is a link into another file", lambda f: f.__setitem__("records_0", h5py.ExternalLink("a.hdf5", "/x"))),
            ("'records_0' is a link to another name", lambda f: f.__setitem__("records_0", h5py.SoftLink("/x"))),
            ("integers in big endian", lambda f: f.create_dataset("records_0", data=plain.astype(">i4"))),
            ("floats in big endian", lambda f: f.create_dataset("records_0", data=plain.astype(">f8"))),
            ("elements are compounds", lambda f: f.create_dataset("records_0", (4,), dtype=[("a", "i4"), ("b", "f4")])),
            ("elements are strings", lambda f: f.create_dataset("records_0", (4,), dtype="S4")),
            ("elements are variable", lambda f: f.create_dataset("records_0", (4,), dtype=h5py.string_dtype())),
            ("is not that of booleans", lambda f: f.create_dataset("records_0", (4,), dtype=h5py.enum_dtype({"A": 0, "B": 1}, "i1"))),
            ("without axes", lambda f: f.create_dataset("records_0", data=7)),
            ("is no array", lambda f: f.create_group("records_0")),
            ("its values lie in other files", lambda f: f.create_dataset("records_0", (4, 6), "i4", external=[("raw", 0, 96)])),
            ("a virtual data set", virtual),
            ("that of another object", shared_type),
            ("behind filter 6 (scaleoffset)", lambda f: f.create_dataset("records_0", data=plain, scaleoffset=2)),
            ("no array 'records_0' among the 1 names of its root group ('images')", lambda f: f.create_dataset("images", data=plain)),
        ):
            refused(message, make, libver=libver)
    refused("has 5 samples, but 'records_0' has 4", lambda f: (f.create_dataset("records_0", data=plain),
                                                               f.create_dataset("records_1", data=numpy.zeros(5))))
    # A checksum that does not fit, unless nobody asks.
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    path = folder / "img_0_of_1.hdf5"
    with h5py.File(path, "w") as file:
        file.create_dataset("records_0", data=plain + 1, chunks=(4, 6), fletcher32=True)
        place = file["records_0"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    stoker.equal(struct.unpack_from("<i", content, place), (1,), "place of the first value")
    content[place] ^= 4
    path.write_bytes(content)
    done = train(1, 4, ok=False)
    stoker.expect(done.returncode != 0 and f"chunk 0 at byte {place} of the file: has the checksum" in done.stderr, done.stderr)
    train(1, 4, "++workload.reader.verify_checksums=False")

# What the real DLIO wrote, with its own workload files.
stoker.train_on_interop("hdf5", "hdf5_gzip_chunk")
