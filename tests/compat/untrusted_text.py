"""Names and texts out of files, folders and options reach the terminal with control and invalid bytes spelled out."""
import json
import os
import pathlib

from stoker import SOURCE, attempt, expect, need, work_folder

pa = need("pyarrow")
pq = need("pyarrow.parquet")

# A colour, a bell, a line break; in file names also a byte that is no UTF-8.
EVIL = "e\x1b[31m\x07\nx"
NAME = os.fsencode(EVIL) + b"\xff"
shown = 0


def run(*arguments):
    """All that the program prints is harmless, and it does not crash; whether it refuses is not the question."""
    global shown
    done = attempt(*arguments, text=False)
    out = done.stdout + done.stderr
    raw = [byte for byte in (b"\x1b", b"\x07", b"\xff", b"e\\x1b[31m\\x07\n") if byte in out]
    expect(not raw, f"{arguments}: {raw} in {out!r}")
    expect(0 <= done.returncode < 100, f"{arguments}: exit code {done.returncode}: {out!r}")
    shown += out.count(b"\\x1b[31m") > 0


def dlio(folder, *overrides, generate=False):
    run("dlio", f"--config-dir={SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run",
        f"++workload.dataset.data_folder={folder}", f"++workload.workflow.generate_data={generate}",
        "++workload.dataset.num_files_train=1", "++workload.dataset.num_samples_per_file=3", "++workload.reader.batch_size=1",
        *(f"++workload.{text}" for text in overrides))


def data_files():
    os.makedirs("d/train")
    file = b"d/train/" + NAME + b".parquet"
    pq.write_table(pa.table({EVIL: [1, 2, 3], "s": [EVIL, "b", "c"]}), "plain.parquet")
    os.rename("plain.parquet", file)
    commands = (["inspect", "--rows=3"], ["verify"], ["digest", "--files"])
    for name, *options in commands:
        run("data", name, file, *options)
        run("data", name, "d", *options)
    dlio("d")
    dlio("d", "dataset.num_files_train=5")
    dlio("d", f"storage.storage_options.columns=['{EVIL}']")
    dlio(EVIL)
    pathlib.Path(os.fsdecode(b"d/train/z" + NAME + b".parquet")).write_bytes(b"PAR1 and no more")
    for name, *options in commands:
        run("data", name, "d", *options)
    dlio("d", "dataset.num_files_train=2")


def manifests():
    os.makedirs("m")
    for key in ("format", "generator_version", "model", "file_prefix", "compression", "codec_library"):
        manifest = {"kind": "stoker dataset", "manifest_version": 2, "complete": True, "format": "parquet", "compression": "none",
                    "num_files_train": 1, "num_files_eval": 0, "num_samples_per_file": 1, "record_length_bytes": 1, key: EVIL}
        pathlib.Path("m/stoker_dataset.json").write_text(json.dumps(manifest))
        dlio("m")
        dlio("m", generate=True)
        dlio("m", "dataset.overwrite=True", generate=True)
        for name in ("verify", "inspect"):
            run("data", name, "m")
        run("data", "verify", "m", "--values")


def settings():
    os.makedirs("c/workload")
    pathlib.Path("c/workload/x.yaml").write_text('dataset:\n  num_files_train: "\\e[31m"\nmodel: {name: "\\e[31m"}\n')
    pathlib.Path("c/workload/y.yaml").write_text("dataset:\n  fo\x1b[31mo: 1\n")
    for workload in ("x", "y", EVIL):
        run("dlio", "--config-dir=c", f"workload={workload}", "++hydra.run.dir=run")
    run("dlio", f"++a{EVIL}=3")
    run("dlio", EVIL)
    run("training", "run", "--model", EVIL)
    run("training", "run", "--hosts", EVIL, "--model", "unet3d", "--accelerator-type", "h100", "--num-accelerators", "1",
        "--client-host-memory-in-gb", "1", "--data-dir", "d", "--results-dir", "rr")


def results():
    folder = "r/training/unet3d/run/20250101_000000"
    os.makedirs(folder)
    os.makedirs(b"r/" + NAME)
    pathlib.Path(folder, "summary.json").write_text(json.dumps({EVIL: 1}))
    pathlib.Path(folder, "x_metadata.json").write_text(json.dumps(
        {"benchmark_type": EVIL, "model": EVIL, "run_datetime": EVIL, "num_processes": 1, "parameters": {}}))
    run("reports", "reportgen", "--results-dir", "r")
    run("reports", "validate", "r")
    run("reports", "validate", EVIL)
    run("rules", "explain", EVIL)
    run("lockfile", "verify", "-l", EVIL)
    run("history", "show")


with work_folder():
    data_files()
    manifests()
    settings()
    results()
    expect(shown > 25, f"the text was shown by {shown} commands only")
    print(f"{shown} commands spelled it out")
