"""What a run says it read, against what pyarrow wrote: counts, and the digest of docs/metrics.md computed here."""
import json
import pathlib
import random
import shutil

import stoker

pa = stoker.need("pyarrow")
pq = stoker.need("pyarrow.parquet")

P, WORD = 2**61 - 1, 2**64 - 1


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & WORD
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & WORD
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & WORD
    return x ^ x >> 31


def digest(files):
    """Of {path below the split's folder: rows that were read}."""
    total = 0
    for path, rows in files.items():
        h = 0xCBF29CE484222325
        for byte in path.encode():
            h = ((h ^ byte) * 0x100000001B3) & WORD
        a, b = 1 + mix(h) % (P - 1), 1 + mix((h + 1) & WORD) % (P - 1)
        total += a * sum(pow(b, row, P) for row in rows)
    return f"{total % P:016x}"


def write(folder, rows, column=pa.int64(), groups=64, name="x"):
    """One file per number of rows, named so that their order is theirs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for i, n in enumerate(rows):
        table = pa.table({name: pa.array(range(n), pa.int64()).cast(column), "v": pa.array([0.5] * n, pa.float64())})
        pq.write_table(table, folder / f"part-{i:03}.parquet", row_group_size=groups)


def train(rows, *overrides, ranks=1, batch=4, expect_failure=None):
    overrides = ("workflow.generate_data=False", f"dataset.num_files_train={len(rows)}", f"dataset.num_samples_per_file={max(rows)}",
                 "dataset.parquet.columns=[]", f"reader.batch_size={batch}", "train.computation_time=0", *overrides)
    shutil.rmtree("run", ignore_errors=True)
    if expect_failure:
        try:
            stoker.dlio(*overrides, ranks=ranks)
        except AssertionError as error:
            stoker.expect(expect_failure in str(error), f"no {expect_failure!r} in {error}")
            return None
        raise AssertionError(f"no failure, expected {expect_failure!r}")
    stoker.dlio(*overrides, ranks=ranks)
    return json.loads(pathlib.Path("run/summary.json").read_text())


def check_every_row_once(rows, seed):
    """All rows, in any order and on any number of ranks whose batches fit."""
    total = sum(rows)
    expected = digest({f"part-{i:03}.parquet": range(n) for i, n in enumerate(rows)})
    for ranks in [n for n in (1, 2, 3, 5) if total % n == 0]:
        per_rank = total // ranks
        batch = max(b for b in range(1, 17) if per_rank % b == 0)
        how = [f"reader.file_shuffle={'seed' if ranks > 1 else 'off'}", f"reader.sample_shuffle={'seed' if seed % 2 else 'off'}",
               f"train.seed={seed}", f"reader.read_threads={seed % 4}", "train.epochs=2"]
        epochs = train(rows, *how, ranks=ranks, batch=batch)["coverage"]["train"]
        stoker.equal(epochs, 2 * [{"planned": total, "read": total, "read_more_than_once": 0, "left_out": 0, "digest": expected}],
                     f"{rows} on {ranks} ranks, batches of {batch}")


def check_what_is_left_out(rows):
    """In file order without shuffles the last rows are left out, so that their digest is known."""
    total = sum(rows)
    epoch, = train(rows, ranks=3, batch=4)["coverage"]["train"]
    read = total // 12 * 12
    stoker.equal((epoch["planned"], epoch["read"], epoch["left_out"]), (read, read, total - read), "counts")
    files, left = {}, read
    for i, n in enumerate(rows):
        files[f"part-{i:03}.parquet"] = range(min(n, left))
        left -= min(n, left)
    stoker.equal(epoch["digest"], digest(files), "digest of the first rows")


def check_evaluation(rows, evals):
    write(pathlib.Path("data/valid"), evals)
    summary = train(rows, "workflow.evaluation=True", f"dataset.num_files_eval={len(evals)}", "reader.batch_size_eval=1",
                    "evaluation.eval_time=0", batch=1)
    epoch, = summary["coverage"]["eval"]
    stoker.equal(epoch["digest"], digest({f"part-{i:03}.parquet": range(n) for i, n in enumerate(evals)}), "digest of the evaluation")
    stoker.equal((epoch["read"], epoch["left_out"]), (sum(evals), 0), "samples of the evaluation")
    stoker.equal(summary["coverage"]["train"][0]["read"], sum(rows), "samples of the training")


def check_columns(folder):
    rows = [10, 10, 10]
    for column, text in ((pa.int32(), "'x' is int32 here and int64 there"), (pa.float64(), "'x' is float64 here and int64 there")):
        write(folder, rows)
        other = pa.table({"x": pa.array(range(10), pa.int64()).cast(column), "v": pa.array([0.5] * 10)})
        pq.write_table(other, folder / "part-001.parquet")
        train(rows, expect_failure=f"data/train/part-001.parquet: has other columns than data/train/part-000.parquet: {text}")
    write(folder, rows)
    pq.write_table(pa.table({"x": range(10), "w": [1] * 10}), folder / "part-002.parquet")
    train(rows, expect_failure="part-002.parquet: has other columns than data/train/part-000.parquet: "
                               "'w' is only here; 'v' is only there", ranks=2)
    # Samples may differ in size: lists of other lengths are no other column, lists of other elements are.
    for size in (4, 5):
        lists = pa.array([[1.0] * size] * 10, pa.list_(pa.float32(), size))
        pq.write_table(pa.table({"x": lists}), folder / f"part-00{size - 4}.parquet")
    stoker.equal(train([10, 10], batch=10)["coverage"]["train"][0]["read"], 20, "samples")
    pq.write_table(pa.table({"x": lists.cast(pa.list_(pa.float64(), 5))}), folder / "part-001.parquet")
    train([10, 10], expect_failure="'x' is list of float64 here and list of float32 there")
    # The same columns in another order, and required instead of optional, are the same.
    write(folder, rows)
    schema = pa.schema([pa.field("v", pa.float64(), nullable=False), pa.field("x", pa.int64())])
    pq.write_table(pa.table([[0.5] * 10, list(range(10))], schema=schema), folder / "part-001.parquet")
    stoker.equal(train(rows, batch=10)["coverage"]["train"][0]["read"], 30, "samples")


with stoker.work_folder():
    folder = pathlib.Path("data/train")
    dice = random.Random(2026)
    for seed in range(12):
        rows = [dice.choice((0, 1, 7, 30, 64, 65, 200)) for _ in range(dice.randint(2, 9))]
        rows[dice.randrange(len(rows))] = 60
        write(folder, rows, groups=dice.choice((16, 64)))
        check_every_row_once(rows, seed)
        check_what_is_left_out(rows)
    check_evaluation(rows, [3, 9, 0, 4])
    check_columns(folder)
