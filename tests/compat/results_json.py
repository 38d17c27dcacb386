"""Every JSON file of a run is strict JSON, and has the names and types that DLIO's own results have."""
import json
import pathlib

import stoker


def no_constants(text):
    raise AssertionError(f"{text} in a JSON file")


def strict(path):
    return json.loads(pathlib.Path(path).read_text(), parse_constant=no_constants)


def check_all(folder):
    paths = sorted(pathlib.Path(folder).rglob("*.json"))
    stoker.expect(paths, f"no JSON files in {folder}")
    for path in paths:
        strict(path)


TRAIN = {"{}_au_percentage": list, "{}_au_mean_percentage": float, "{}_au_meet_expectation": str, "{}_au_stdev_percentage": float,
         "{}_throughput_samples_per_second": list, "{}_throughput_mean_samples_per_second": float,
         "{}_throughput_stdev_samples_per_second": float, "{}_io_mean_MB_per_second": float, "{}_io_stdev_MB_per_second": float}
TOP = {"start": str, "end": str, "num_accelerators": int, "num_hosts": int, "hostname": str, "num_files_train": int,
       "num_files_eval": int, "num_samples_per_file": int, "host_cpu_count": list, "host_memory_GB": list,
       "host_processor_name": str, "host_cpuinfo": dict, "host_meminfo": dict, "data_size_per_host_GB": float,
       "potential_caching": list, "epochs": int, "metric": dict}


def typed(found, key, kind, where):
    stoker.expect(key in found, f"{where}: no '{key}'")
    value = found[key]
    stoker.expect(isinstance(value, kind) or (kind is float and isinstance(value, int)),
                  f"{where}: '{key}' is {type(value).__name__}, expected {kind.__name__}")


def check_summary(folder, epochs, evaluation):
    summary = strict(folder / "summary.json")
    for key, kind in TOP.items():
        typed(summary, key, kind, "summary.json")
    stoker.expect(summary["host_meminfo"]["MemTotal"].endswith(" kB"), "host_meminfo.MemTotal is not '<n> kB'")
    for phase in ["train"] + (["eval"] if evaluation else []):
        for key, kind in TRAIN.items():
            typed(summary["metric"], key.format(phase), kind, "summary.json: metric")
        for key in ("au_percentage", "throughput_samples_per_second"):
            stoker.equal(len(summary["metric"][f"{phase}_{key}"]), epochs, f"{phase}_{key}: epochs")
            stoker.expect(all(value > 0 for value in summary["metric"][f"{phase}_{key}"]), f"{phase}_{key}: not positive")
    stoker.expect(summary["metric"]["train_au_meet_expectation"] in ("success", "fail"), "train_au_meet_expectation")
    return summary


with stoker.work_folder() as work:
    stoker.dlio("workflow.evaluation=True", "dataset.num_files_eval=2", "train.epochs=2", "evaluation.eval_time=0.001",
                "reader.batch_size_eval=4", ranks=2)
    run = work / "run"
    check_all(run)
    check_summary(run, epochs=2, evaluation=True)
    for rank in range(2):
        output = strict(run / f"{rank}_output.json")
        for epoch in ("1", "2"):
            for phase, steps in (("block1", 20), ("eval", 10)):
                for what in ("load", "proc", "compute"):
                    stoker.equal(len(output[epoch][what][phase]), steps, f"{rank}_output.json: {epoch}.{what}.{phase}")
                for what in ("au", "throughput"):
                    typed(output[epoch][what], phase, float, f"{rank}_output.json: {epoch}.{what}")
                for load, proc, compute in zip(*(output[epoch][what][phase] for what in ("load", "proc", "compute"))):
                    stoker.expect(abs(load + compute - proc) < 1e-4, f"load {load} + compute {compute} is not proc {proc}")
        stats = strict(run / f"{rank}_per_epoch_stats.json")
        for epoch in ("1", "2"):
            for phase in (stats[epoch], stats[epoch]["block1"], stats[epoch]["eval"]):
                stoker.expect(isinstance(phase["duration"], str) and len(phase["duration"].split(".")[1]) == 2, "duration")
                stoker.expect(phase["start"] < phase["end"], "an end before its start")
    stoker.equal(strict(run / "per_epoch_stats.json").keys(), strict(run / "0_per_epoch_stats.json").keys(), "per_epoch_stats.json")

# Numbers that tend to become NaN: no step is measured, an epoch of one step, no compute time at all.
for overrides in (["output.metric.exclude_start_steps=1000"], ["train.total_training_steps=1"], ["train.computation_time=0"]):
    with stoker.work_folder() as work:
        stoker.dlio(*overrides)
        check_all(work)

with stoker.work_folder() as work:
    stoker.run("training", "datagen", "--model", "unet3d", "--num-processes", "2", "--data-dir", "D", "--results-dir", "R",
               "--dataset-format", "parquet", "--params", "dataset.num_files_train=4", "dataset.record_length_bytes=1000",
               "dataset.record_length_bytes_stdev=0")
    stoker.run("training", "run", "--model", "unet3d", "--num-accelerators", "2", "--accelerator-type", "h100",
               "--client-host-memory-in-gb", "64", "--data-dir", "D", "--results-dir", "R", "--params", "train.epochs=2",
               "train.computation_time=0.001", "reader.batch_size=1")
    check_all(work)
    (folder,) = pathlib.Path("R/training/unet3d/run").iterdir()
    check_summary(folder, epochs=2, evaluation=False)
    (path,) = folder.glob("training_*_metadata.json")
    metadata = strict(path)
    for key, kind in {"benchmark_type": str, "model": str, "command": str, "run_datetime": str, "num_processes": int,
                      "accelerator": str, "result_dir": str, "parameters": dict, "override_parameters": dict, "runtime": float,
                      "executed_command": str, "command_output_files": list, "args": dict}.items():
        typed(metadata, key, kind, path.name)
    stoker.equal(metadata["run_datetime"], folder.name[:15], "run_datetime")
    stoker.equal(metadata["override_parameters"]["reader.batch_size"], 1, "a number stays a number")
    stoker.equal(metadata["parameters"]["train"]["epochs"], 2, "parameters.train.epochs")
    for output in metadata["command_output_files"]:
        stoker.expect(pathlib.Path(output["stdout"]).is_file() and pathlib.Path(output["stderr"]).is_file(), "output files")
