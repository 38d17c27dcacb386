"""What is compared: the shapes of data sets and how each is read."""

import re
import subprocess
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    name: str
    dtype: str
    size: int  # elements per row; 1: a scalar
    read: bool

    @property
    def row_bytes(self):
        return self.size * {"8": 1, "16": 2, "32": 4, "64": 8}[re.sub(r"\D", "", self.dtype)]


@dataclass(frozen=True)
class Shape:
    """A data set's table, small enough to be read many times."""

    name: str
    columns: list
    files: int
    rows: int  # per file
    row_group: int
    batch: int
    generated: bool = True  # from `columns`; else stoker makes the single column `data` itself

    def useful_bytes(self, columns):
        return self.files * self.rows * sum(column.row_bytes for column in columns)


@dataclass(frozen=True)
class Reading:
    """One row of the table: one data set, some of its columns."""

    shape: Shape
    compression: str
    writer: str  # whose files are read: "stoker" or "pyarrow"
    projected: bool = False
    columns: list = field(default_factory=list)

    @property
    def title(self):
        columns = f"{len(self.columns)} of {len(self.shape.columns)} columns" if self.projected else "all columns"
        if len(self.shape.columns) == 1:
            columns = "its one column"
        return f"{self.shape.name}, {columns}"

    @property
    def files(self):
        encoding = {"stoker": "stoker's, PLAIN", "pyarrow": "pyarrow's defaults"}[self.writer]
        if self.shape.name == "data" and self.writer == "stoker":
            encoding = "stoker's"
        return encoding if self.compression == "none" else f"{encoding}, {self.compression}"


def configured_columns(stoker, workload):
    """The columns of one of stoker's own workloads."""
    text = subprocess.run(
        [stoker, "dlio", f"workload={workload}", "--query", "dataset.parquet.columns"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = re.findall(r"\{name: (\w+), dtype: (\w+), size: (\d+), read: (\w+)\}", text)
    return [Column(name, dtype, int(size), read == "True") for name, dtype, size, read in found]


def make_shapes(stoker, scale):
    """DLRM: many scalars in small row groups. FLUX: long lists, one row group per file. data: what any workload without
    columns has."""
    record = 1448 * 1448  # bytes; without columns stoker, as DLIO, makes records the largest square
    return [
        Shape("DLRM", configured_columns(stoker, "dlrm_b200"), files=2, rows=6144 * 10 * scale, row_group=6144, batch=12288),
        Shape("FLUX", configured_columns(stoker, "flux_b200"), files=2, rows=24 * scale, row_group=1_000_000, batch=24),
        Shape("data", [Column("data", "uint8", record, True)], files=2, rows=16 * scale, row_group=1_000_000, batch=8,
              generated=False),
    ]


# Which codecs each shape is written with. zstd: as workloads with `dataset.compression`; snappy: pyarrow's default.
COMPRESSIONS = {"DLRM": ["none", "zstd", "snappy"], "FLUX": ["none", "zstd"], "data": ["none", "zstd"]}


def readings(shape, compression):
    for writer in ("stoker", "pyarrow"):
        yield Reading(shape, compression, writer, columns=shape.columns)
        selected = [column for column in shape.columns if column.read]
        if len(selected) < len(shape.columns):
            yield Reading(shape, compression, writer, projected=True, columns=selected)
