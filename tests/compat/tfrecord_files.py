"""A parser of its own reads the TFRecord files that are generated; what DLIO wrote, and what others write, is trained on."""
import os
import pathlib
import struct

import stoker

TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    content = pathlib.Path(path).read_bytes()
    at = 0
    while at < len(content):
        length, length_crc = struct.unpack_from("<QI", content, at)
        payload = content[at + 12:at + 12 + length]
        (payload_crc,) = struct.unpack_from("<I", content, at + 12 + length)
        stoker.equal((length_crc, payload_crc), (masked_crc(content[at:at + 8]), masked_crc(payload)), f"{path}: CRCs at {at}")
        yield at, length + 16, payload
        at += length + 16


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def fields(message):
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        stoker.equal(tag & 7, 2, "wire type")
        length, at = varint(message, at)
        yield tag >> 3, message[at:at + length]
        at += length


def example(payload):
    """The features by name: bytes, or a list of numbers."""
    found = {}
    for number, features in fields(payload):
        stoker.equal(number, 1, "field of an Example")
        for entry_number, entry in fields(features):
            stoker.equal(entry_number, 1, "field of Features")
            parts = dict(fields(entry))
            ((kind, values),) = fields(parts[2])
            ((_, value),) = fields(values)
            found[parts[1].decode()] = value if kind == 1 else varint(value, 0)[0]
    return found


def record(payload):
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked_crc(length)) + payload + struct.pack("<I", masked_crc(payload))


def field(number, content):
    length, size = b"", len(content)
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def image_record(image):
    return record(field(1, field(1, field(1, b"image") + field(2, field(1, field(1, image))))))


SAMPLES = 3

with stoker.work_folder():
    for settings, sizes in ((["dataset.record_length_bytes=100"], {100}), (["dataset.record_length_bytes=20000", "dataset.num_subfolders_train=2"], {141 * 141}),
                            (["dataset.record_dims=[4,5]", "dataset.record_element_type=float32"], {80}),
                            (["dataset.record_length_bytes=3000", "dataset.record_length_bytes_stdev=900"], None)):
        stoker.generate("dataset.format=tfrecord", "dataset.num_files_train=4", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={SAMPLES}", *settings)
        paths = sorted(pathlib.Path("data").rglob("*.tfrecord"))
        stoker.equal(len(paths), 5, f"{settings}: files")
        images = []
        for path in paths:
            split = path.parts[1]
            found = list(records(path))
            stoker.equal(len(found), SAMPLES, f"{path}: records")
            index = pathlib.Path("data/index") / split / f"{path.name}.idx"
            stoker.equal(index.read_text(), "".join(f"{at} {length}\n" for at, length, _ in found), f"{index}")
            for _, _, payload in found:
                features = example(payload)
                stoker.equal(list(features), ["image", "size"], f"{path}: features")
                stoker.equal(features["size"], len(features["image"]), f"{path}: size")
                images.append(features["image"])
        stoker.equal(len(set(images)), len(images), f"{settings}: samples that differ")
        if sizes is not None:
            stoker.equal({len(image) for image in images}, sizes, f"{settings}: bytes of a sample")
        else:
            stoker.expect(len({len(image) for image in images}) > 1, f"{settings}: all samples have one size")
        stoker.run("data", "verify", "data", "--values")

# Records of different lengths, as others write them.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    for i in range(2):
        folder.joinpath(f"img_{i}_of_2.tfrecord").write_bytes(b"".join(image_record(os.urandom(10 + 37 * j)) for j in range(4)))
    done = stoker.attempt("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run",
                          "++workload.dataset.data_folder=data", "++workload.dataset.format=tfrecord", "++workload.workflow.generate_data=False",
                          "++workload.dataset.num_files_train=2", "++workload.dataset.num_files_eval=0", "++workload.dataset.num_samples_per_file=4",
                          "++workload.reader.batch_size=1", "++workload.workflow.evaluation=False")
    stoker.equal(done.returncode, 0, done.stderr)
    stoker.expect("8 of 8 samples read" in done.stdout, done.stdout)
    folder.joinpath("img_1_of_2.tfrecord").write_bytes(record(field(1, field(1, field(1, b"label") + field(2, field(1, field(1, b"x")))))))
    done = stoker.attempt("data", "digest", str(folder / "img_1_of_2.tfrecord"))
    stoker.expect(done.returncode != 0 and "without the feature 'image'; it has: label" in done.stderr, done.stderr)

# Our files of the same workload are as large as DLIO's, and have the same indexes.
interop = pathlib.Path(os.environ.get("STOKER_INTEROP", stoker.SOURCE / "../shared/interop")) / "tfrecord"
if interop.exists():
    with stoker.work_folder():
        stoker.run("dlio", f"--config-dir={interop.resolve()}", "workload=workload", "++workload.workflow.generate_data=True",
                   "++workload.workflow.train=False", "++workload.dataset.data_folder=data", "++hydra.run.dir=run")
        theirs = sorted(path.relative_to(interop) for path in interop.rglob("data/**/*") if path.is_file())
        for path in theirs:
            stoker.equal(path.stat().st_size, (interop / path).stat().st_size, f"{path}: size")
            if path.suffix == ".idx":
                stoker.equal(path.read_text(), (interop / path).read_text(), f"{path}")
        stoker.expect(theirs, "no files of DLIO")

stoker.train_on_interop("tfrecord")
