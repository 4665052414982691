#!/usr/bin/env python3
"""Compares speed and memory of the networks here with PyTorch, ONNX Runtime and OpenVINO.

At the first start the program creates an environment (.build/peers). Every engine runs each network
in its official size in a separate process, with the same inputs and number of threads. Only one
runs at a time, and the engines take turns in each round, so that changes of the machine's speed affect
all of them alike. The program exits with 1 if an output differs by more than 1e-3 of its range.

    swift build -c release
    Experiments/peers/speed.py
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path
from statistics import median

from environment import HERE, HOME, ROOT, enter_environment
from report import PEERS, disagreement, marigold, processor, table

TOLERANCE = 1e-3
PARTS = ["encode", "decode", "step", "coarse", "tile"]


class Served:
    """A process that holds one network, and runs it once for each line of input."""

    def __init__(self, command, output, threads):
        settings = {"OMP_NUM_THREADS": threads, "TORCHINDUCTOR_CACHE_DIR": HOME / "compiled"}
        self.output = output
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(word) for word in command], text=True, bufsize=1, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors,
            env=os.environ | {name: str(value) for name, value in settings.items()},
        )  # fmt: skip
        self.name = self.answer().removeprefix("ready ")

    def answer(self):
        line = self.process.stdout.readline().strip()
        if not line:
            self.errors.seek(0)
            sys.exit(
                f"{self.errors.read()}\nspeed.py: {' '.join(self.process.args)} ended early"
            )
        return line

    def run(self):
        self.process.stdin.write("\n")
        return float(self.answer())

    def peak(self):
        """Returns the peak memory of the process in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Comparison:
    def __init__(self, options, folder):
        self.options, self.folder = options, Path(folder)
        manifest = (options.bundle / "model.json").read_bytes()
        version = hashlib.sha256(manifest).hexdigest()[:8]
        self.models = HOME / f"models-{version}-{options.size}"
        self.names = {}

    def given(self, part):
        """Writes the input of a network: pixels, scaled pixels or latents, the same in every run."""
        import numpy
        from safetensors.numpy import save_file
        from worker import input_shape

        path = self.folder / f"{part}.safetensors"
        random = numpy.random.default_rng(42)
        x = random.uniform(-1, 1, input_shape(part, self.options.size))
        x = (x + 1) * 127.5 if part in ("coarse", "tile") else x
        save_file({"x": x.astype("float32")}, path)
        return path

    def export(self, part):
        for name in ["coarse", "encode", "step", "decode"] if part == "tile" else [part]:
            if not (self.models / f"{name}.onnx").exists():
                command = [HERE / "export.py", self.options.bundle, name, self.options.size]
                command = [sys.executable, *map(str, command), str(self.models)]
                result = subprocess.run(command, capture_output=True, text=True)
                if result.returncode:
                    sys.exit(
                        f"{result.stdout}{result.stderr}\nspeed.py: the export of {name} failed"
                    )

    def peer(self, engine, part, form="contiguous"):
        options, output = self.options, self.folder / f"{part}-{engine}.safetensors"
        command = [sys.executable, HERE / "worker.py", engine, part, "--bundle", options.bundle]
        command += ["--models", self.models, "--input", self.folder / f"{part}.safetensors"]
        command += ["--output", output, "--form", form]
        command += ["--size", options.size, "--threads", options.threads]
        return Served(command, output, options.threads)

    def pytorch(self, part):
        """Starts PyTorch in the form that a quick trial finds fastest."""
        fastest = None
        for form in self.options.forms:
            served = self.peer("pytorch", part, form)
            served.run()
            seconds = min(served.run(), served.run())
            if fastest is None or seconds < fastest[0]:
                fastest, served = (seconds, served), fastest and fastest[1]
            if served:
                served.stop()
        return fastest[1]

    def ours(self, part):
        options, output = self.options, self.folder / f"{part}-ours.safetensors"
        command = [options.programs / "run-network", "--serve", options.bundle, part]
        command += [self.folder / f"{part}.safetensors", output, "--threads", options.threads]
        return Served(command, output, options.threads)

    def measure(self, part):
        self.given(part)
        engines = {}
        if part != "marigold":
            self.export(part)
            engines["ours"] = self.ours(part)
        engines["pytorch"] = self.pytorch(part)
        if part != "marigold":
            engines |= {engine: self.peer(engine, part) for engine in list(PEERS)[1:]}
        for served in engines.values():
            served.run()
        times = {engine: [] for engine in engines}
        for turn in range(self.options.runs):
            order = list(engines)
            for engine in order[turn % len(order) :] + order[: turn % len(order)]:
                times[engine].append(engines[engine].run())
        result = {
            "seconds": {engine: median(runs) for engine, runs in times.items()},
            "runs": times,
            "peakBytes": {engine: served.peak() for engine, served in engines.items()},
            "names": {engine: served.name for engine, served in engines.items()},
            "disagreement": {
                engine: disagreement(engines["ours"].output, served.output)
                for engine, served in engines.items()
                if "ours" in engines and engine != "ours"
            },
        }
        peers = [served.output for engine, served in engines.items() if engine != "ours"]
        apart = [disagreement(*pair) for pair in combinations(peers, 2)]
        result["peersDisagreement"] = max(apart, default=0.0)
        for served in engines.values():
            served.stop()
        return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=512, help="side of the image in pixels (512)")
    parser.add_argument("--threads", type=int, default=2, help="threads per engine (2)")
    parser.add_argument("--runs", type=int, default=5, help="number of timed rounds (5)")
    parser.add_argument("--only", action="append", choices=[*PARTS, "marigold"], metavar="NAME")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release")
    parser.add_argument(
        "--bundle", type=Path, default=HOME / "damped", help="created if it does not exist"
    )
    parser.add_argument("--no-compile", action="store_true", help="do not try torch.compile")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    options = parser.parse_args()
    if options.size % 64 or options.size < 64:
        parser.error(f"--size is {options.size}, expected a multiple of 64")
    enter_environment()
    options.forms = ["contiguous", "channels_last"]
    if not options.no_compile and (shutil.which("g++") or shutil.which("clang++")):
        options.forms.append("compiled")
    if not (options.bundle / "model.json").exists():
        from bundle import damp

        unfinished = options.bundle.with_name(f"{options.bundle.name}-unfinished")
        command = [options.programs / "formula-bundle", "official", unfinished]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        damp(unfinished)
        unfinished.rename(options.bundle)
    parts = options.only or [*PARTS, "marigold"]
    if "marigold" in parts:
        parts = [part for part in PARTS if part in {*parts, "encode", "decode", "tile"}]
        parts.append("marigold")
    print(f"{processor()}, {options.threads} threads, {options.size} × {options.size}", flush=True)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options, folder)
        for part in parts:
            results[part] = comparison.measure(part)
            print(f"{part}: {'; '.join(results[part]['names'].values())}", flush=True)
    print(f"\n{table(results)}")
    report = {"processor": processor(), "size": options.size, "threads": options.threads}
    report["networks"] = results
    if "marigold" in results:
        report["marigoldSeconds"], line = marigold(results)
        print(f"\n{line}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    worst = max(max(result["disagreement"].values(), default=0) for result in results.values())
    if not worst <= TOLERANCE:
        sys.exit(
            f"speed.py: an output differs by {worst:.1e} of its range, expected at most {TOLERANCE}"
        )


if __name__ == "__main__":
    main()
