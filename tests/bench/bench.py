"""scripts/bench: stoker and pyarrow side by side on the same files.

Each data set is written by both sides (the generation rows of the table) and both data sets are read by both (the
reading rows), one after the other, `--runs` times; medians are compared. Everything is read from the page cache, so
what is compared is what a client costs, not the disk.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import cases

HERE = Path(__file__).resolve().parent
# A ratio below this is a failure: reading never worse than pyarrow, generating twice as fast; a codec as its library.
WANTED = {"read": 1.0, "generate": 2.0, "codec": 0.95}
# And a format's files may take so much more CPU than the limit: the bytes and the checksum alone; small files, which are opened.
FORMAT_MOST = {"large": 1.15, "small": 1.3}
# Wall times count while other programs take less than this share of the CPUs.
MAX_OTHERS_SHARE = 0.25


class Bench:
    def __init__(self, args):
        self.stoker = str(args.stoker)
        self.dir = Path(args.data_dir)
        self.runs = 1 if args.quick else args.runs
        self.epochs = 2 if args.quick else args.epochs
        self.notes = []

    def configure(self, shape, compression, folder, columns, train):
        """A workload file (JSON is YAML) for one data set; returns the arguments that select it."""
        dataset = {
            "format": "parquet", "data_folder": str(folder), "num_files_train": shape.files,
            "num_samples_per_file": shape.rows, "compression": compression,
            "record_length_bytes": sum(column.row_bytes for column in shape.columns),
            "parquet": {"row_group_size": shape.row_group},
        }
        if shape.generated:
            selected = {column.name for column in columns}
            dataset["parquet"]["columns"] = [
                {"name": c.name, "dtype": c.dtype, "size": c.size, "read": c.name in selected} for c in shape.columns
            ]
        workload = {
            "model": {"name": "bench"}, "framework": "pytorch",
            "workflow": {"generate_data": not train, "train": train},
            "dataset": dataset,
            "reader": {"data_loader": "pytorch", "batch_size": shape.batch, "read_threads": 1, "file_shuffle": "off",
                       "drop_caches": False},
            "train": {"epochs": self.epochs, "computation_time": 0.0},
        }
        self.write_workload(workload)
        return self.arguments()

    def write_workload(self, workload):
        (self.dir / "config" / "workload").mkdir(parents=True, exist_ok=True)
        (self.dir / "config" / "workload" / "bench.yaml").write_text(json.dumps(workload))

    def arguments(self):
        """Those that run the workload file; its results have a folder of their own."""
        results = self.dir / "results"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir()
        return ["dlio", "workload=bench", "--config-dir", str(self.dir / "config"), "--quiet", f"hydra.run.dir={results}/run"]

    def run_stoker(self, arguments):
        """Runs it; returns its summary, and CPU seconds, wall seconds and memory of the whole process. Memory is as it says
        itself: rusage would count this program's until the child was loaded."""
        others = OtherPrograms()
        begin = time.monotonic()
        child = subprocess.Popen([self.stoker, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.dir)
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"bench: error: stoker {' '.join(arguments)}: exit code {child.returncode}\n{output.decode()}")
        summary = json.loads((self.dir / "results" / "run" / "summary.json").read_text())
        cpu = usage.ru_utime + usage.ru_stime
        process = {"cpu_seconds": cpu, "wall_seconds": wall, "peak_rss_bytes": summary["peak_rss_MiB"] * 2**20,
                   "others_cpu_share": others.share(cpu)}
        return summary, process

    def run_peer(self, job):
        others = OtherPrograms()
        before = os.times()
        done = subprocess.run([sys.executable, str(HERE / "peers.py")], input=json.dumps(job), check=True, text=True,
                              stdout=subprocess.PIPE, cwd=self.dir)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return json.loads(done.stdout) | {"others_cpu_share": others.share(cpu)}

    def generate(self, shape, compression):
        """Both data sets of a shape, written `runs` times in turn; the last ones stay. Returns the comparison and the
        files of both."""
        useful = shape.useful_bytes(shape.columns)
        folders = {"stoker": self.dir / "stoker", "pyarrow": self.dir / "pyarrow"}
        names = [f"img_{i}_of_{shape.files}.parquet" for i in range(shape.files)]
        files = {writer: [str(folder / "train" / name) for name in names] for writer, folder in folders.items()}
        job = {
            "work": "write", "files": files["pyarrow"], "rows": shape.rows, "row_group": shape.row_group,
            "compression": compression,
            "columns": [{"name": c.name, "dtype": c.dtype, "size": c.size} for c in shape.columns],
        }
        ours, theirs = [], []
        for _ in range(self.runs):
            for folder in folders.values():
                shutil.rmtree(folder, ignore_errors=True)
            arguments = self.configure(shape, compression, folders["stoker"], shape.columns, train=False)
            ours.append(self.run_stoker(arguments)[1])
            (folders["pyarrow"] / "train").mkdir(parents=True)
            theirs.append(self.run_peer(job))
        for path in files["stoker"] + files["pyarrow"]:
            with open(path, "rb") as file:
                os.fsync(file.fileno())
        encoding = "" if compression == "none" else compression
        row = self.compare("generate", f"{shape.name}, generate", encoding, useful, ours, theirs)
        row["file_bytes"] = {writer: sum(os.path.getsize(path) for path in paths) for writer, paths in files.items()}
        return row, folders, files

    def read(self, reading, folder, files):
        shape = reading.shape
        useful = shape.useful_bytes(reading.columns) * self.epochs
        columns = [column.name for column in reading.columns] if reading.projected else None
        job = {"work": "read", "files": files, "columns": columns, "batch": shape.batch, "epochs": self.epochs}
        ours, theirs = [], []
        for _ in range(self.runs):
            arguments = self.configure(shape, reading.compression, folder, reading.columns, train=True)
            summary, process = self.run_stoker(arguments)
            metric = summary["metric"]
            if metric["train_useful_bytes"] != useful:
                sys.exit(f"bench: error: {reading.title}: stoker read {metric['train_useful_bytes']} useful bytes, not {useful}")
            asked = sum(metric["train_bytes_read"])
            if (metric["device_bytes_read"] or 0) > asked / 50:
                note = f"{reading.title}: {metric['device_bytes_read'] / asked:.0%} of the bytes came from the device, not from memory"
                if note not in self.notes:
                    self.notes.append(note)
            ours.append({
                "cpu_seconds": metric["train_cpu_seconds_per_GB"] * asked / 1e9,
                "wall_seconds": sum(metric["step_time_seconds"].values()),
                "peak_rss_bytes": process["peak_rss_bytes"],
                "process_cpu_seconds": process["cpu_seconds"],
                "others_cpu_share": process["others_cpu_share"],
            })
            theirs.append(min((self.run_peer(job | {"method": method}) | {"method": method}
                               for method in ("iter_batches", "read_row_group")), key=lambda peer: peer["cpu_seconds"]))
        return self.compare("read", reading.title, reading.files, useful, ours, theirs)

    def format_python_ratio(self, name, samples, kilobytes):
        """How many times our CPU a Python program takes for the same files; None where it has no library for them."""
        with contextlib.suppress(ImportError):
            import format_peers
            if name not in format_peers.READERS:
                return None
        # Enough that what a run costs besides its bytes does not count.
        epochs = self.epochs if self.runs == 1 else 4 * self.epochs
        files = max(2, 128000 // (samples * kilobytes))
        folder = self.dir / "stoker"
        shutil.rmtree(folder, ignore_errors=True)
        dataset = {"format": name, "data_folder": str(folder), "num_files_train": files, "num_samples_per_file": samples,
                   "record_length_bytes": kilobytes * 1000}
        workload = {"model": {"name": "bench"}, "framework": "pytorch", "workflow": {"generate_data": True, "train": False},
                    "dataset": dataset, "reader": {"data_loader": "pytorch", "batch_size": min(8, files), "read_threads": 1, "file_shuffle": "off",
                                                   "drop_caches": False},
                    "train": {"epochs": epochs, "computation_time": 0.0}}
        self.write_workload(workload)
        self.run_stoker(self.arguments())
        workload["workflow"] = {"generate_data": False, "train": True}
        self.write_workload(workload)
        paths = sorted(str(path) for path in (folder / "train").glob(f"*.{name}"))
        ratios = []
        for _ in range(self.runs):
            metric = self.run_stoker(self.arguments())[0]["metric"]
            ours = metric["train_cpu_seconds_per_GB"] * sum(metric["train_bytes_read"]) / 1e9
            job = {"format": name, "files": paths, "epochs": epochs}
            done = subprocess.run([sys.executable, str(HERE / "format_peers.py")], input=json.dumps(job), text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir)
            if done.returncode != 0:
                self.notes.append(f"{name}: no Python peer: {done.stderr.strip().splitlines()[-1]}")
                return None
            ratios.append(json.loads(done.stdout)["cpu_seconds"] / ours)
        return statistics.median(ratios)

    def compare(self, kind, title, files, useful, ours, theirs):
        def median(runs, key):
            return statistics.median(run[key] for run in runs)

        def side(runs):
            return {
                "cpu_seconds_per_GB": median(runs, "cpu_seconds") / useful * 1e9,
                "wall_seconds_per_GB": median(runs, "wall_seconds") / useful * 1e9,
                "peak_rss_MiB": max(run["peak_rss_bytes"] for run in runs) / 2**20,
                "runs": runs,
            }

        # Ratios of runs that followed each other: what else the machine did then happened to both.
        def ratio(key):
            return statistics.median(peer[key] / own[key] for own, peer in zip(ours, theirs))

        row = {
            "kind": kind, "case": title, "files": files, "useful_bytes": useful,
            "stoker": side(ours), "pyarrow": side(theirs),
            "cpu_ratio": ratio("cpu_seconds"), "wall_ratio": ratio("wall_seconds"),
        }
        busy = statistics.median(run["others_cpu_share"] for run in ours + theirs)
        row["others_cpu_share"] = busy
        # With the CPUs taken by others, wall time says who had to wait longer for one: chance.
        row["wall_counts"] = busy <= MAX_OTHERS_SHARE
        judged = [row["cpu_ratio"], row["wall_ratio"]] if row["wall_counts"] else [row["cpu_ratio"]]
        row["failed"] = min(judged) < WANTED[kind]
        return row


class OtherPrograms:
    """How much of the CPUs was taken by programs other than the one measured, since this object was made."""

    def __init__(self):
        self.begin = self.read()

    @staticmethod
    def read():
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), sum(fields) - fields[3] - fields[4]  # all; neither idle nor waiting for I/O

    def share(self, own_cpu_seconds):
        total, busy = (now - then for now, then in zip(self.read(), self.begin))
        busy -= own_cpu_seconds * os.sysconf("SC_CLK_TCK")
        return max(0.0, busy / total) if total > 0 else 0.0


HEADER = (f"{'':34} {'files':26} {'CPU s/GB':>15} {'wall s/GB':>15} {'peak MiB':>11}   {'pyarrow / stoker':>16}\n"
          f"{'':34} {'':26} {'stoker pyarrow':>15} {'stoker pyarrow':>15} {'':>11}   {'CPU':>7} {'wall':>8}")


def line_of(row):
    a, b = row["stoker"], row["pyarrow"]
    line = (f"{row['case']:34} {row['files']:26} {a['cpu_seconds_per_GB']:7.3f} {b['cpu_seconds_per_GB']:7.2f}"
            f" {a['wall_seconds_per_GB']:7.3f} {b['wall_seconds_per_GB']:7.2f} {a['peak_rss_MiB']:5.0f} {b['peak_rss_MiB']:5.0f}"
            f"   {row['cpu_ratio']:6.1f}x {row['wall_ratio']:7.1f}{'x' if row['wall_counts'] else '?'}")
    if row["failed"]:
        line += f"  BELOW {WANTED[row['kind']]:g}"
    return line


CODEC_HEADER = (f"{'':34} {'':26} {'GB/s':>7} {'stored':>7}   {'time / stoker':>20}\n"
                f"{'':34} {'page':26} {'':>7} {'':>7}   {'its library':>11} {'Arrow':>8}")


def codecs(program, quick):
    """Pages through the codecs, beside the codecs' libraries and Arrow's: rows of the benchmark beside the code. It takes turns
    and medians itself, and its times are of CPU."""
    done = subprocess.run([program, "--benchmark_filter=^codec/", "--benchmark_format=json",
                           f"--benchmark_min_time={0.01 if quick else 0.2}"], check=True, text=True, stdout=subprocess.PIPE)
    for found in json.loads(done.stdout)["benchmarks"]:
        if found.get("error_occurred"):
            sys.exit(f"bench: error: {found['name']}: {found['error_message']}")
        _, way, codec, values, page, *_ = found["name"].split("/")
        yield {
            "kind": "codec", "case": f"{way} {codec}", "files": f"{values}, {page.removeprefix('KiB:')} KiB",
            "bytes_per_cpu_second": found["bytes_per_second"], "stored_share": found["stored_share"],
            "library_ratio": found["library_ratio"], "arrow_ratio": found["arrow_ratio"],
            "failed": found["library_ratio"] < WANTED["codec"],
        }


def line_of_codec(row):
    line = (f"{row['case']:34} {row['files']:26} {row['bytes_per_cpu_second'] / 1e9:7.2f} {row['stored_share']:7.2f}"
            f"   {row['library_ratio']:10.2f}x {row['arrow_ratio']:7.2f}x")
    return line + (f"  BELOW {WANTED['codec']:g}" if row["failed"] else "")


FORMAT_HEADER = (f"{'':34} {'':26} {'CPU s/GB':>15} {'times the limit':>15}   {'Python / stoker':>15}\n"
                 f"{'':34} {'files':26} {'read generated':>15} {'reading':>15}   {'reading':>15}")


def format_rows(bench, program, quick):
    """Every format beside its limit, by the benchmark beside the code, and beside what Python programs read it with."""
    done = subprocess.run([program, "--benchmark_filter=^format/", "--benchmark_format=json",
                           f"--benchmark_min_time={0.02 if quick else 0.5}"], check=True, text=True, stdout=subprocess.PIPE)
    found = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one.get("error_occurred"):
            sys.exit(f"bench: error: {one['name']}: {one['error_message']}")
        _, way, name, samples, kilobytes, *_ = one["name"].split("/")
        found.setdefault((name, int(samples.removeprefix("samples:")), int(kilobytes.removeprefix("KB:"))), {})[way] = one
    for (name, samples, kilobytes), ways in found.items():
        small = samples * kilobytes < 1000
        most = FORMAT_MOST["small" if small else "large"]
        ratio = ways["read"]["limit_ratio"]
        yield {
            "kind": "format", "case": name, "files": f"{samples} x {kilobytes} KB", "limit_ratio": ratio, "most": most,
            "read_cpu_seconds_per_GB": ways["read"]["cpu_seconds_per_GB"],
            "generate_cpu_seconds_per_GB": ways["generate"]["cpu_seconds_per_GB"],
            "python_ratio": bench.format_python_ratio(name, samples, kilobytes), "failed": ratio > most,
        }


def line_of_format(row):
    python = f"{row['python_ratio']:14.1f}x" if row["python_ratio"] is not None else f"{'-':>15}"
    line = (f"{row['case']:34} {row['files']:26} {row['read_cpu_seconds_per_GB']:7.3f} {row['generate_cpu_seconds_per_GB']:7.3f}"
            f" {row['limit_ratio']:15.2f}   {python}")
    return line + (f"  ABOVE {row['most']:g}" if row["failed"] else "")


def machine():
    cpu = platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    return {"cpu": cpu, "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "pyarrow": metadata.version("pyarrow"), "python": platform.python_version()}


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compares stoker with pyarrow: generating and reading Parquet, on the same files.",
        epilog="Ratios are pyarrow's cost over stoker's: above 1, stoker is cheaper.")
    parser.add_argument("--root", type=Path, default=HERE.parent.parent, help=argparse.SUPPRESS)
    parser.add_argument("--stoker", type=Path, help="the binary (default: build/release/stoker)")
    parser.add_argument("--runs", type=int, default=3, help="times each side does the same, alternating; medians count (3)")
    parser.add_argument("--codec-bench", type=Path, metavar="PROGRAM",
                        help="the benchmark of the codecs (default: the one of build/release; left out if it is not built)")
    parser.add_argument("--format-bench", type=Path, metavar="PROGRAM",
                        help="the benchmark of the formats (default: the one of build/release; left out if it is not built)")
    parser.add_argument("--epochs", type=int, default=5, help="times the files are read in one run (5)")
    parser.add_argument("--scale", type=int, default=1, help="multiplies the rows of each file (1: data sets of about 100 MB)")
    parser.add_argument("--only", default="", help="only cases whose name contains this, e.g. 'FLUX', 'DLRM zstd', 'codecs' or 'formats'")
    parser.add_argument("--quick", action="store_true", help="one run of two epochs: a look, not a measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers of all runs there")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a ratio is below what is wanted (1; generating: 2)")
    parser.add_argument("--data-dir", type=Path, help="where the data sets go, removed at the end (default: build/bench)")
    args = parser.parse_args()
    args.stoker = (args.stoker or args.root / "build" / "release" / "stoker").absolute()
    default = args.root / "build/release/src/data/format/parquet/stoker_data_format_parquet_bench"
    args.codec_bench = (args.codec_bench or default).absolute()
    default = args.root / "build/release/src/data/format/stoker_data_format_bench"
    args.format_bench = (args.format_bench or default).absolute()
    args.data_dir = (args.data_dir or args.root / "build" / "bench").absolute()
    if not os.access(args.stoker, os.X_OK):
        parser.exit(1, f"bench: error: {args.stoker}: not there\n  hint: build it (scripts/setup), or name it with --stoker\n")
    if args.runs < 1 or args.epochs < 1 or args.scale < 1:
        parser.error("--runs, --epochs and --scale are at least 1")
    return args


def warm(files):
    """Brings files into the page cache."""
    for path in files:
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def main():
    args = parse_arguments()
    # Only what this program made is removed at the end, so it works in a folder of its own.
    args.data_dir.mkdir(parents=True, exist_ok=True)
    own = args.data_dir / f"run-{os.getpid()}"
    own.mkdir()
    args.data_dir = own
    rows = []
    try:
        bench = Bench(args)
        about = machine()
        print(f"{about['cpu']}, {about['cpus']} CPUs, Linux {about['kernel']}, pyarrow {about['pyarrow']};"
              f" 1 reader thread each, page cache, median of {bench.runs}\n\n{HEADER}", flush=True)

        def add(row):
            rows.append(row)
            print(line_of(row), flush=True)

        for shape in cases.make_shapes(bench.stoker, args.scale):
            for compression in cases.COMPRESSIONS[shape.name]:
                if not all(word in (shape.name, compression) for word in args.only.split()):
                    continue
                row, folders, files = bench.generate(shape, compression)
                add(row)
                warm(files["stoker"] + files["pyarrow"])
                for reading in cases.readings(shape, compression):
                    add(bench.read(reading, folders[reading.writer], files[reading.writer]))
        if args.only in ("", "codecs"):
            if os.access(args.codec_bench, os.X_OK):
                print(f"\n{CODEC_HEADER}", flush=True)
                for row in codecs(args.codec_bench, args.quick):
                    rows.append(row)
                    print(line_of_codec(row), flush=True)
            else:
                bench.notes.append(f"codecs are left out: {args.codec_bench} is not built")
        if args.only in ("", "formats"):
            if os.access(args.format_bench, os.X_OK):
                print(f"\n{FORMAT_HEADER}", flush=True)
                for row in format_rows(bench, args.format_bench, args.quick):
                    rows.append(row)
                    print(line_of_format(row), flush=True)
            else:
                bench.notes.append(f"formats are left out: {args.format_bench} is not built")
    finally:
        shutil.rmtree(own, ignore_errors=True)
    failed = [row for row in rows if row["failed"]]
    print()
    if any(not row.get("wall_counts", True) for row in rows):
        print(f"note: other programs took more than {MAX_OTHERS_SHARE:.0%} of the CPUs where wall ratios end in '?'; they do not count")
    for note in bench.notes:
        print(f"note: {note}")
    for row in failed:
        if row["kind"] == "codec":
            print(f"failed: {row['case']} ({row['files']}): {row['library_ratio']:.2f}x its library, wanted {WANTED['codec']:g}x")
            continue
        if row["kind"] == "format":
            print(f"failed: {row['case']} ({row['files']}): {row['limit_ratio']:.2f}x the limit, wanted at most {row['most']:g}x")
            continue
        wall = f", wall {row['wall_ratio']:.2f}x" if row["wall_counts"] else ""
        print(f"failed: {row['case']} ({row['files'] or 'no codec'}): CPU {row['cpu_ratio']:.2f}x{wall}, wanted {WANTED[row['kind']]:g}x")
    if not failed:
        print(f"all {len(rows)} cases at or above what is wanted (reading 1x, generating 2x, a codec 0.95x its library)")
    if args.json:
        args.json.write_text(json.dumps({"machine": about, "notes": bench.notes, "rows": rows}, indent=1) + "\n")
    return 1 if args.check and failed else 0


if __name__ == "__main__":
    sys.exit(main())
