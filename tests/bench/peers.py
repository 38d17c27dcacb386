"""The other side of scripts/bench: the same work done with pyarrow's usual calls, in a process of its own.

Takes one JSON object on stdin, prints one: CPU and wall seconds of the work (imports are not in them) and the peak of
the process's memory.
"""

import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_rss_bytes():
    # VmHWM begins with this program; ru_maxrss would count the process that started it.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def read_batches(file, job):
    for _ in file.iter_batches(batch_size=job["batch"], columns=job["columns"], use_threads=False):
        pass


def read_groups(file, job):
    for group in range(file.num_row_groups):
        file.read_row_group(group, columns=job["columns"], use_threads=False)


def read(job):
    """All rows of all files, `epochs` times. Footers are parsed once, as stoker does."""
    method = {"iter_batches": read_batches, "read_row_group": read_groups}[job["method"]]
    footers = {}
    for _ in range(job["epochs"]):
        for path in job["files"]:
            file = pq.ParquetFile(path, metadata=footers.get(path))
            footers[path] = file.metadata
            method(file, job)
            file.close()


def random_values(generator, dtype, count):
    if dtype.startswith("float"):
        return generator.random(count, np.float64 if dtype == "float64" else np.float32).astype(dtype, copy=False)
    limits = np.iinfo(dtype)
    return generator.integers(limits.min, limits.max, count, dtype, endpoint=True)


def write(job):
    """A table of random values per file, written with pyarrow's defaults but for the codec and the row group size."""
    generator = np.random.default_rng(1)
    for path in job["files"]:
        arrays = {}
        for column in job["columns"]:
            values = random_values(generator, column["dtype"], job["rows"] * column["size"])
            if column["size"] > 1:
                offsets = np.arange(job["rows"] + 1, dtype=np.int32) * column["size"]
                arrays[column["name"]] = pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))
            else:
                arrays[column["name"]] = pa.array(values)
        pq.write_table(pa.table(arrays), path, row_group_size=job["row_group"], compression=job["compression"])


def main():
    job = json.load(sys.stdin)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    work = {"read": read, "write": write}[job["work"]]
    cpu, wall = cpu_seconds(), time.monotonic()
    work(job)
    cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
    json.dump({"cpu_seconds": cpu, "wall_seconds": wall, "peak_rss_bytes": peak_rss_bytes()}, sys.stdout)


if __name__ == "__main__":
    main()
