"""The other side of the formats of scripts/bench: their files read as Python programs do, in a process of its own. Takes one
JSON object on stdin, prints one: CPU seconds of the work, without imports."""

import json
import struct
import sys

import numpy as np

from peers import cpu_seconds


def npy(path):
    return np.load(path).nbytes


def npz(path):
    with np.load(path) as archive:
        return archive["x"].nbytes


def tfrecord(path):
    """Records as a parser in Python takes them apart, without looking at a checksum: the least that it can do."""
    total = 0
    with open(path, "rb") as file:
        while header := file.read(12):
            (length,) = struct.unpack_from("<Q", header)
            total += len(file.read(length))
            file.read(4)
    return total


def indexed_binary(path):
    """As DLIO reads it: both indexes, then a seek and a read for each sample."""
    offsets = np.fromfile(f"{path}.off.idx", dtype=np.uint64)
    lengths = np.fromfile(f"{path}.sz.idx", dtype=np.uint64)
    total = 0
    with open(path, "rb") as file:
        for offset, length in zip(offsets, lengths):
            file.seek(int(offset))
            total += np.frombuffer(file.read(int(length)), dtype=np.uint8).nbytes
    return total


def image(path):
    """All bytes and nothing decoded, as the loaders of MLPerf Storage do."""
    with open(path, "rb") as file:
        return np.frombuffer(file.read(), dtype=np.uint8).nbytes


def hdf5(path):
    import h5py
    with h5py.File(path, "r") as file:
        return file["records_0"][:].nbytes


def csv(path):
    import pandas
    return pandas.read_csv(path, header=None, compression="infer").to_numpy().nbytes


READERS = {"npy": npy, "npz": npz, "tfrecord": tfrecord, "indexed_binary": indexed_binary, "jpeg": image, "png": image, "hdf5": hdf5,
           "csv": csv}


def main():
    job = json.load(sys.stdin)
    read = READERS[job["format"]]
    read(job["files"][0])  # what is imported late
    cpu = cpu_seconds()
    for _ in range(job["epochs"]):
        for path in job["files"]:
            read(path)
    json.dump({"cpu_seconds": cpu_seconds() - cpu}, sys.stdout)


if __name__ == "__main__":
    main()
