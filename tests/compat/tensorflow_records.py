"""TensorFlow reads the TFRecord files that are generated, and what TensorFlow writes is trained on. Run by scripts/tensorflow-check,
which installs it: it is too large for the tests of every change."""
import hashlib
import pathlib

import stoker

tf = stoker.need("tensorflow")

SAMPLES = 7
FEATURES = {"image": tf.io.FixedLenFeature([], tf.string), "size": tf.io.FixedLenFeature([], tf.int64)}


def images_of(path):
    """As DLIO's reader takes them."""
    images = []
    for record in tf.data.TFRecordDataset(str(path), buffer_size=262144):
        example = tf.io.parse_single_example(record, FEATURES)
        image = example["image"].numpy()
        stoker.equal(int(example["size"]), len(image), f"{path}: size")
        images.append(image)
    return images


with stoker.work_folder():
    for settings in (["dataset.record_length_bytes=100"], ["dataset.record_length_bytes=200000", "dataset.num_subfolders_train=2"],
                     ["dataset.record_dims=[4,5]", "dataset.record_element_type=float32"],
                     ["dataset.record_length_bytes=3000", "dataset.record_length_bytes_stdev=900"]):
        stoker.generate("dataset.format=tfrecord", "dataset.num_files_train=4", "dataset.num_files_eval=1", f"dataset.num_samples_per_file={SAMPLES}", *settings)
        images = [image for path in sorted(pathlib.Path("data").rglob("*.tfrecord")) for image in images_of(path)]
        stoker.equal(len(images), 5 * SAMPLES, f"{settings}: samples")
        stoker.equal(len(set(images)), len(images), f"{settings}: samples that differ")
        stoker.run("data", "verify", "data", "--values")

# What TensorFlow writes: another order of the features, others beside them, records of one length and of many.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)

    def example(image, label):
        def of_bytes(value):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

        return tf.train.Example(features=tf.train.Features(feature={
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label, -1])), "name": of_bytes(b"n" * label), "image": of_bytes(image),
            "weights": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5, 2.0]))})).SerializeToString()

    for i, lengths in enumerate(([500] * 4, [1, 70000, 20, 300])):
        with tf.io.TFRecordWriter(str(folder / f"img_{i}_of_2.tfrecord")) as writer:
            for j, length in enumerate(lengths):
                writer.write(example(hashlib.sha256(bytes([i, j])).digest() * (length // 32 + 1), 3 if i == 0 else j))
    done = stoker.dlio("dataset.format=tfrecord", "workflow.generate_data=False", "dataset.num_files_train=2", "dataset.num_files_eval=0",
                       "dataset.num_samples_per_file=4", "reader.batch_size=1", "workflow.evaluation=False")
    stoker.expect("8 of 8 samples read, none more than once" in done.stdout, done.stdout)
    # Compressed as a whole, as TensorFlow can: refused with what was found.
    with tf.io.TFRecordWriter(str(folder / "img_0_of_2.tfrecord"), options=tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        writer.write(example(b"x", 1))
    done = stoker.attempt("data", "inspect", str(folder / "img_0_of_2.tfrecord"))
    stoker.expect(done.returncode != 0 and "masked CRC-32C" in done.stderr, done.stderr)

print(f"TensorFlow {tf.__version__} reads what stoker writes, and the other way round")
