"""Shared by the tests of this folder: runs the program in a folder that is gone afterwards."""
import contextlib
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BIN = os.environ["STOKER_BIN"]
SOURCE = pathlib.Path(os.environ["STOKER_SOURCE_DIR"])
WORK_PREFIX = "stoker-compat."


def need(name):
    """The module, or the end of the test with the reason."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"skipped: {sys.executable} has no {name}: {error}")
        sys.exit(77)


@contextlib.contextmanager
def work_folder():
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX) as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            yield pathlib.Path(folder)
        finally:
            os.chdir(before)


def attempt(*arguments, text=True):
    """The finished process, whatever came of it."""
    # The history of commands goes into the home folder: one that is gone with the test.
    home = pathlib.Path.cwd()
    if not any(part.startswith(WORK_PREFIX) for part in home.parts):
        raise AssertionError("programs run in a work_folder() only")
    return subprocess.run([BIN, *arguments], capture_output=True, text=text, check=False, env={**os.environ, "HOME": str(home)})


def run(*arguments):
    done = attempt(*arguments)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode} of {arguments}\n{done.stdout}\n{done.stderr}")
    return done


def dlio(*overrides, ranks=1):
    """The workload `small` of tests/e2e, in data/ and run/."""
    return run("dlio", f"--config-dir={SOURCE}/tests/e2e/configs", "workload=small", "++hydra.run.dir=run",
               "++workload.dataset.data_folder=data", *(f"++workload.{text}" for text in overrides), f"--ranks={ranks}")


def generate(*overrides, ranks=1):
    """In the place of what an earlier call may have written."""
    dlio("workflow.train=False", "dataset.overwrite=True", *overrides, ranks=ranks)


def files(below="data"):
    return sorted(pathlib.Path(below).rglob("*.parquet"))


def train_on_interop(*names):
    """On data sets of the real DLIO, each with its own workload file; those that are not there are told of."""
    interop = pathlib.Path(os.environ.get("STOKER_INTEROP", SOURCE / "../shared/interop"))
    for name in names:
        if not (interop / name).exists():
            print(f"skipped: no {interop / name} (set STOKER_INTEROP to the folder of data made by others)")
            continue
        with work_folder():
            shutil.copytree(interop / name, "set")
            done = run("dlio", f"--config-dir={pathlib.Path('set').absolute()}", "workload=workload", "++workload.workflow.generate_data=False",
                       "++workload.workflow.train=True", "++workload.dataset.data_folder=set/data", "++hydra.run.dir=run")
            expect("samples read, none more than once" in done.stdout, f"{name}: {done.stdout}")


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: found {found!r}, expected {expected!r}")
