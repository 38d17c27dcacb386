"""Pillow decodes the JPEG and PNG files that are generated, those that Pillow writes are decoded to the pixels that it
sees, and what DLIO wrote is trained on."""
import json
import os
import pathlib
import shutil
import subprocess

import stoker

stoker.need("PIL")
from PIL import Image  # noqa: E402

SIZES = [(1, 159), (1, 200), (13, 17), (64, 64), (300, 333), (338, 338), (568, 568), (1000, 3)]

with stoker.work_folder():
    for name in ("jpeg", "png"):
        for height, width in SIZES:
            if name == "png" and height * width < width + 69:
                continue  # one row does not fit: random bytes
            stoker.generate(f"dataset.format={name}", "dataset.num_files_train=2", "dataset.num_files_eval=0", "dataset.num_samples_per_file=1",
                            f"dataset.record_dims=[{height},{width}]")
            paths = sorted(pathlib.Path("data/train").glob(f"*.{name}"))
            stoker.equal(len(paths), 2, f"{name} {height} x {width}: files")
            contents = []
            for path in paths:
                stoker.equal(path.stat().st_size, height * width, f"{path}: size")
                with Image.open(path) as image:
                    image.load()  # all of it, checksums of PNG included
                    stoker.equal((image.format.lower(), image.mode), (name, "L"), f"{path}: what it is")
                    if name == "png":
                        stoker.equal(image.width, width, f"{path}: width")
                        stoker.expect(image.height <= height, f"{path}: height {image.height}")
                        contents.append(image.tobytes())
            stoker.expect(len(set(contents)) == len(contents), f"{name}: images that differ")
            stoker.run("data", "verify", "data", "--values")

    # Most of a file of some size are pixels.
    with Image.open("data/train/img_0_of_2.png") as image:
        stoker.expect(image.height > 0, "rows")
    stoker.generate("dataset.format=png", "dataset.num_files_train=1", "dataset.num_files_eval=0", "dataset.num_samples_per_file=1",
                    "dataset.record_length_bytes=322957")
    with Image.open("data/train/img_0_of_1.png") as image:
        stoker.equal((image.width, image.height), (568, 566), "pixels of a sample of 322,957 bytes")

    # What has one dimension is as wide as a square.
    stoker.generate("dataset.format=png", "dataset.num_files_train=1", "dataset.num_files_eval=0", "dataset.num_samples_per_file=1",
                    "dataset.record_dims=[5000]")
    with Image.open("data/train/img_0_of_1.png") as image:
        image.load()
        stoker.equal((image.width, image.height), (70, 69), "pixels of 5,000 bytes in one dimension")

# Pictures that Pillow wrote are read, and a broken one is told of.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    for i in range(4):
        Image.effect_noise((200, 100 + i), 50).save(folder / f"img_{i}_of_4.png")
    train = ("dlio", f"--config-dir={stoker.SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run", "++workload.dataset.data_folder=data",
             "++workload.dataset.format=png", "++workload.workflow.generate_data=False", "++workload.workflow.evaluation=False",
             "++workload.dataset.num_files_train=4", "++workload.dataset.num_files_eval=0", "++workload.dataset.num_samples_per_file=1",
             "++workload.reader.batch_size=1")
    stoker.expect("4 of 4 samples read" in stoker.run(*train).stdout, "what Pillow wrote")
    shutil.rmtree("run")
    content = bytearray((folder / "img_2_of_4.png").read_bytes())
    content[200] ^= 1
    (folder / "img_2_of_4.png").write_bytes(content)
    done = stoker.attempt(*train)
    stoker.expect(done.returncode != 0 and "img_2_of_4.png: chunk 'IDAT'" in done.stderr, done.stderr)
    shutil.rmtree("run")
    stoker.run(*train, "++workload.reader.verify_checksums=False")

# What Pillow writes in each of its modes, and what is decoded of it.


def pixels(kind, path):
    done = subprocess.run([os.environ["STOKER_IMAGE_PIXELS"], kind, path], capture_output=True, check=False)
    stoker.equal(done.returncode, 0, f"{path}: {done.stdout[:200]}")
    head, _, content = done.stdout.partition(b"\n")
    return tuple(int(number) for number in head.split()), content


def check_pixels(kind, path, samples, expected, sample_bytes=1):
    with Image.open(path) as image:
        found, content = pixels(kind, path)
        stoker.equal(found, (image.width, image.height, samples, sample_bytes), f"{path}: frame")
        stoker.expect(content == expected(image), f"{path}: other pixels than Pillow's")


with stoker.work_folder():
    noise = [Image.effect_noise((97, 61), spread) for spread in (20, 60, 90, 120)]
    grey, rgb, rgba = noise[0], Image.merge("RGB", noise[:3]), Image.merge("RGBA", noise)
    cmyk = Image.merge("CMYK", noise)
    palette = rgb.quantize(200)
    deep = Image.frombytes("I;16", (97, 61), os.urandom(2 * 97 * 61))
    as_is = lambda image: image.tobytes()  # noqa: E731
    for name, image, samples, expected, options in (
            ("one_bit", grey.convert("1"), 1, lambda i: i.convert("L").tobytes(), {}),
            ("grey", grey, 1, as_is, {}),
            ("grey_alpha", Image.merge("LA", noise[:2]), 2, as_is, {}),
            ("rgb", rgb, 3, as_is, {}),
            ("rgba", rgba, 4, as_is, {}),
            ("stored", rgb, 3, as_is, {"compress_level": 0}),
            ("palette", palette, 3, lambda i: i.convert("RGB").tobytes(), {}),
            ("few_colors", rgb.quantize(4), 3, lambda i: i.convert("RGB").tobytes(), {"bits": 2}),
            ("clear_palette", palette, 4, lambda i: i.convert("RGBA").tobytes(), {"transparency": bytes(range(200))}),
            ("described", rgb, 3, as_is, {"dpi": (300, 300), "icc_profile": b"no profile at all"})):
        image.save(f"{name}.png", **options)
        check_pixels("png", f"{name}.png", samples, expected)
    deep.save("deep.png")
    check_pixels("png", "deep.png", 1, as_is, 2)

    inverted = lambda image: bytes(255 - byte for byte in image.tobytes())  # noqa: E731  as Adobe stores them
    for options in ({}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 1}, {"optimize": True, "quality": 30},
                    {"restart_marker_blocks": 3}, {"exif": b"Exif\0\0" + bytes(30_000)}):
        for name, image, samples, expected in (("grey", grey, 1, as_is), ("rgb", rgb, 3, as_is), ("cmyk", cmyk, 4, inverted)):
            path = f"{name}_{'_'.join(options) or 'default'}.jpeg"
            image.save(path, **options)
            check_pixels("jpeg", path, samples, expected)

    # The others' format, and none at all.
    for kind, path in (("jpeg", "rgb.png"), ("png", "rgb_default.jpeg"), ("png", __file__)):
        done = subprocess.run([os.environ["STOKER_IMAGE_PIXELS"], kind, path], capture_output=True, text=True, check=False)
        stoker.equal(done.returncode, 1, path)
        stoker.expect(f"Not a {kind.upper()} file" in done.stdout, done.stdout)

# A data set of them is trained on, decoded.
with stoker.work_folder():
    folder = pathlib.Path("data/train")
    folder.mkdir(parents=True)
    for i in range(4):
        Image.effect_noise((200, 100 + i), 50).save(folder / f"img_{i}_of_4.jpeg", progressive=i % 2 == 1)
    done = stoker.dlio("dataset.format=jpeg", "workflow.generate_data=False", "workflow.evaluation=False", "dataset.num_files_train=4",
                       "dataset.num_files_eval=0", "dataset.num_samples_per_file=1", "reader.batch_size=1", "reader.decode_images=True")
    stoker.expect("4 of 4 samples read" in done.stdout and "jpeg, images decoded" in done.stdout, done.stdout)
    summary = json.loads(pathlib.Path("run/summary.json").read_text())
    stoker.equal(summary["metric"]["train_useful_bytes"], sum(200 * (100 + i) for i in range(4)), "bytes of pixels")

# What the real DLIO wrote, with its own workload files.
stoker.train_on_interop("jpeg", "png")
