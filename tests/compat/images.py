"""Pillow decodes the JPEG and PNG files that are generated, and what DLIO wrote is trained on."""
import pathlib
import shutil

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

# What the real DLIO wrote, with its own workload files.
stoker.train_on_interop("jpeg", "png")
