"""Whatever stops a command stops all of it: signals x phases x commands x {local, mpi}.

Each cell starts a command, waits for its phase, sends what the cell says, and looks for whoever is left after five
seconds: by a word in the environment that all descendants inherit, and by open files below the cell's folder. Then the exit
code, the one line that tells the cause, the manifest of a data set that was not finished, and the record of the run.

usage: one_way_down.py WORK [FIRST LAST]    cells by number, all of them otherwise
Environment: STOKER_BIN, STOKER_SOURCE_DIR, STOKER_MPIRUN (empty: no MPI), and STOKER_CELLS: so many cells, evenly spread.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

STOKER = os.environ["STOKER_BIN"]
MPIRUN = os.environ.get("STOKER_MPIRUN", "")
CONFIGS = Path(os.environ["STOKER_SOURCE_DIR"]) / "tests/e2e/configs"
INTERRUPTED = 130
PATIENCE = 5.0  # seconds after which nothing may be left

ENDINGS = ["INT", "TERM", "HUP", "QUIT"]


class Cell:
    def __init__(self, command, mode, phase, how):
        self.command, self.mode, self.phase, self.how = command, mode, phase, how

    def __str__(self):
        return f"{self.command:9} {self.mode:5} {self.phase:8} {self.how}"


def cells():
    found = []
    for command, phases in (("datagen", ["start", "writing", "later"]), ("run", ["start", "reading", "computing"])):
        for mode in ("local", "mpi"):
            for phase in phases:
                hows = ENDINGS + ["TERM twice", "INT, TERM, HUP", "group TERM", "KILL front end"]
                if phase != "start":
                    hows.append("KILL engine")
                    if mode == "mpi":
                        hows.append("KILL rank")
                found += [Cell(command, mode, phase, how) for how in hows]
    for phase in ("writing", "computing"):
        found += [Cell("dlio", "local", phase, how) for how in ENDINGS + ["TERM twice", "paused, TERM"]]
    for how in ("paused, TERM", "paused, continued, INT"):
        found += [Cell("run", mode, "computing", how) for mode in ("local", "mpi")]
    found += [Cell(command, "local", "start", how) for command in ("verify", "digest") for how in ENDINGS]
    return found if MPIRUN else [cell for cell in found if cell.mode != "mpi"]


class Failure(Exception):
    pass


# A group of its own in this session, so that Ctrl-Z works, and no signal ignored, as bash has it in the background.
def as_a_shell_does():
    os.setpgrp()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


class Job:
    """A command in a group of its own, in a folder of its own."""

    def __init__(self, cell, folder, data):
        self.cell, self.folder = cell, folder
        self.word = f"STOKER_CELL={folder.name}"
        self.out, self.err = folder / "out", folder / "err"
        environment = dict(os.environ, STOKER_CELL=folder.name, HOME=str(folder / "home"), TMPDIR=str(folder), LC_ALL="C")
        if MPIRUN:
            environment["MPI_RUN_BIN"] = MPIRUN
        (folder / "home").mkdir(parents=True)
        self.data = folder / "D"
        if cell.command in ("run", "verify", "digest") or (cell.command == "dlio" and cell.phase == "computing"):
            self.data = data
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(self.words(), cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, preexec_fn=as_a_shell_does)

    def words(self):
        cell = self.cell
        launcher = ["--exec-type", "mpi", "--allow-run-as-root", "--oversubscribe"] if cell.mode == "mpi" else []
        front = ["--data-dir", str(self.data), "--results-dir", "R", "--skip-validation", *launcher]
        if cell.command == "datagen":
            return [STOKER, "training", "datagen", "--model", "unet3d", "--num-processes", "2", *front, "--dataset-format",
                    "parquet", "--params", "dataset.num_files_train=6000", "dataset.record_length_bytes=1000000",
                    "dataset.record_length_bytes_stdev=0"]
        if cell.command == "run":
            pace = ["train.computation_time=300"] if cell.phase == "computing" else ["train.computation_time=0",
                                                                                     "train.epochs=1000000"]
            return [STOKER, "training", "run", "--model", "flux", "--accelerator-type", "b200", "--num-accelerators", "2",
                    "--client-host-memory-in-gb", "8", *front, "--params", "reader.batch_size=1", *pace]
        if cell.command == "dlio":
            small = [STOKER, "dlio", "--config-dir", str(CONFIGS), "workload=small", "++hydra.run.dir=run", "--ranks", "2"]
            if cell.phase == "writing":
                return [*small, "++workload.dataset.data_folder=D", "++workload.workflow.train=False",
                        "++workload.dataset.num_files_train=12", "++workload.dataset.num_samples_per_file=4000000"]
            return [*small, f"++workload.dataset.data_folder={self.data}/small", "++workload.workflow.generate_data=False",
                    "++workload.train.computation_time=300"]
        return [STOKER, "data", cell.command, str(self.data / "flux")]

    # Processes with the cell's word, but for the command itself; zombies have ended.
    def family(self):
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == self.process.pid:
                continue
            try:
                if self.word.encode() not in (entry / "environ").read_bytes().split(b"\0"):
                    continue
                if (entry / "stat").read_text().rpartition(") ")[2].startswith("Z"):
                    continue
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                pass
        return found

    # Processes that have a file below the folder open, us left out.
    def openers(self):
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (os.getpid(), self.process.pid):
                continue
            try:
                for link in (entry / "fd").iterdir():
                    if os.readlink(link).startswith(str(self.folder) + "/"):
                        found.append(int(entry.name))
                        break
            except OSError:
                pass
        return found

    def text(self):
        return self.out.read_text(errors="replace") + self.err.read_text(errors="replace")

    def in_phase(self):
        cell = self.cell
        if cell.phase == "start":
            return True
        if cell.phase in ("writing", "later"):
            return any(self.data.rglob("*.tmp")) and (cell.phase == "writing" or len(list(self.data.rglob("*.parquet"))) > 20)
        return "epoch 1: starting" in self.text()

    def state(self, pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        except OSError:
            return "gone"

    def a_rank(self):
        for pid in self.ranks():
            return pid
        raise Failure("the engine has no process")

    # The engine's processes: ranks under MPI, else the child that runs all ranks.
    def ranks(self):
        return [pid for pid, words in self.family().items() if re.match(r"\S*stoker\s+dlio\s", words)]

    def send(self, number):
        os.kill(self.process.pid, number)


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.01)


def act(job):
    how = job.cell.how
    if how in ENDINGS:
        job.send(getattr(signal, "SIG" + how))
    elif how == "TERM twice":
        job.send(signal.SIGTERM)
        job.send(signal.SIGTERM)
    elif how == "INT, TERM, HUP":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            job.send(number)
    elif how == "group TERM":  # as coreutils' timeout does it
        job.send(signal.SIGTERM)
        os.killpg(job.process.pid, signal.SIGTERM)
    elif how == "KILL front end":
        job.send(signal.SIGKILL)
    elif how == "KILL engine":
        launcher = [pid for pid, words in job.family().items() if job.cell.mode == "mpi" and words.startswith(MPIRUN + " ")]
        os.kill(launcher[0] if launcher else job.a_rank(), signal.SIGKILL)
    elif how == "KILL rank":
        os.kill(job.a_rank(), signal.SIGKILL)
    elif how.startswith("paused"):
        job.send(signal.SIGTSTP)
        wait_for(lambda: job.state(job.process.pid) == "T", 5, "the command to be stopped")
        wait_for(lambda: all(job.state(pid) == "T" for pid in job.ranks()), 5, "the engine to be stopped")
        if "continued" in how:
            job.send(signal.SIGCONT)
            wait_for(lambda: all(job.state(pid) != "T" for pid in [job.process.pid, *job.ranks()]), 5,
                     "the engine to be continued")
            job.send(signal.SIGINT)
        else:
            job.send(signal.SIGTERM)
            job.send(signal.SIGCONT)  # as a shell and init do it


def expect(condition, text):
    if not condition:
        raise Failure(text)


def check(job, code):
    cell, how = job.cell, job.cell.how
    err = job.err.read_text(errors="replace")
    lines = [line for line in err.splitlines() if re.search(r"error:|ended at once", line)]
    killed = how.startswith("KILL")
    # The first moments of a process belong to the system: it may not have come to its own handler yet.
    young = cell.phase == "start" and code < 0
    if how == "KILL front end":
        expect(code == -signal.SIGKILL, f"exit code {code}")
    elif killed:
        expect(code > 0, f"exit code {code} after {how}")
        expect(lines, "no line tells the cause")
    elif cell.command in ("verify", "digest") and code in (0, 1):
        pass  # it was done before
    elif not young:
        expect(code == INTERRUPTED, f"exit code {code}, expected {INTERRUPTED}")
        # An engine that is slow to write ends itself, and says so before the command does.
        told = [line for line in lines if "interrupted" in line or "at once" in line]
        told = [line for line in told if "[E203]" in line] or told
        expect(len(told) == 1, f"expected one line that tells the cause, found {lines}")
    for manifest in job.folder.glob("D/**/stoker_dataset.json"):
        expect('"complete": false' in manifest.read_text(), f"{manifest} says that the data set is complete")
    if cell.command in ("datagen", "run"):
        for run in (job.folder / "R").glob("training/*/*/*"):
            if not run.is_dir():
                continue
            records = list(run.glob("*_metadata.json"))
            # Made after the folder: a process that is killed in between leaves none.
            if not records and (how == "KILL front end" or young):
                continue
            expect(len(records) == 1, f"{run} has {len(records)} records")
            record = json.loads(records[0].read_text())
            if how == "KILL front end" or young:
                expect(record["end_time"] is None, f"{records[0]} has an end")
            else:
                expect(record["end_time"] is not None, f"{records[0]} has no end")
                expect(record["exit_code"] == code, f"{records[0]} says exit code {record['exit_code']}")


def one(cell, folder, data):
    job = Job(cell, folder, data)
    try:
        if cell.phase == "start":
            time.sleep(0.05)
        wait_for(lambda: job.in_phase() or job.process.poll() is not None, 60, f"phase {cell.phase}")
        if job.process.poll() is not None and cell.command not in ("verify", "digest"):
            raise Failure(f"it ended with {job.process.returncode} before its phase: {job.text()[-600:]}")
        if cell.phase == "later":
            time.sleep(0.3)
        begin = time.monotonic()
        if job.process.poll() is None:
            act(job)
        while True:
            code = job.process.poll()
            left = job.family()
            if code is not None and not left and not job.openers():
                break
            if time.monotonic() - begin > PATIENCE:
                raise Failure(f"after {PATIENCE:g} s there are still: {left}, {job.openers()}" +
                              (", and the command itself" if code is None else ""))
            time.sleep(0.02)
        check(job, code)
        return time.monotonic() - begin
    except Failure as failure:
        raise Failure(f"{failure}\n--- its output:\n{job.text()[-2000:]}") from None
    finally:
        for pid in [job.process.pid, *job.family()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        job.process.wait()


def main():
    work = Path(sys.argv[1]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    data = work / "data"
    home = work / "home"
    home.mkdir(exist_ok=True)
    environment = dict(os.environ, HOME=str(home))
    subprocess.run([STOKER, "training", "datagen", "--model", "flux", "--num-processes", "1", "--data-dir", str(data),
                    "--results-dir", str(work / "R"), "--params", "dataset.num_files_train=2", "dataset.num_samples_per_file=2"],
                   check=True, capture_output=True, env=environment)
    subprocess.run([STOKER, "dlio", "--config-dir", str(CONFIGS), "workload=small", f"++hydra.run.dir={work}/small-run",
                    f"++workload.dataset.data_folder={data}/small", "++workload.workflow.train=False"], check=True,
                   capture_output=True, env=environment)
    every = list(enumerate(cells(), 1))
    if len(sys.argv) > 3:
        every = [pair for pair in every if int(sys.argv[2]) <= pair[0] <= int(sys.argv[3])]
    elif wanted := int(os.environ.get("STOKER_CELLS", "0")):
        every = every[:: max(1, len(every) // wanted)]
    failures, slowest = 0, (0.0, None)
    for number, cell in every:
        folder = work / f"cell-{os.getpid()}-{number}"
        folder.mkdir()
        try:
            seconds = one(cell, folder, data)
            slowest = max(slowest, (seconds, str(cell)), key=lambda pair: pair[0])
            print(f"{number:4} {cell}: down in {seconds:.2f} s", flush=True)
        except Failure as failure:
            failures += 1
            print(f"{number:4} {cell}: FAILED: {failure}", flush=True)
        shutil.rmtree(folder)
    print(f"{len(every)} cells, {failures} failed; the slowest took {slowest[0]:.2f} s ({slowest[1]})")
    return 1 if failures or not every else 0


if __name__ == "__main__":
    sys.exit(main())
