"""The report of speed.py's measurements."""

import platform
import sys
from pathlib import Path

PEERS = {"pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def disagreement(ours, theirs):
    """Returns the largest difference, relative to the range of the other output."""
    from safetensors.numpy import load_file

    found, expected = load_file(ours)["x"], load_file(theirs)["x"]
    if found.shape != expected.shape:
        sys.exit(
            f"speed.py: {ours} has the shape {found.shape} and {theirs} {expected.shape}, "
            "expected the same shape"
        )
    return float(abs(found - expected).max() / (expected.max() - expected.min()))


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def table(results):
    columns = ["network", "ours s", *(f"{peer} s" for peer in PEERS.values())]
    columns += ["fastest peer / ours", "disagreement", "among peers"]
    columns += ["peak GB: ours", *PEERS.values()]
    lines = [columns, ["---"] + ["--:"] * (len(columns) - 1)]
    for part, result in results.items():
        seconds, peaks = result["seconds"], result["peakBytes"]
        if part == "marigold":
            continue
        engines = ["ours", *PEERS]
        ratio = min(seconds[engine] for engine in PEERS) / seconds["ours"]
        lines.append([part, *(f"{seconds[engine]:.3f}" for engine in engines), f"{ratio:.2f}"])
        lines[-1].append(f"{max(result['disagreement'].values()):.1e}")
        lines[-1].append(f"{result['peersDisagreement']:.1e}")
        lines[-1] += [f"{peaks[engine] / 1e9:.2f}" for engine in engines]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def marigold(results):
    seconds = {part: result["seconds"]["pytorch"] for part, result in results.items()}
    whole = 50 * seconds["marigold"] + seconds["encode"] + seconds["decode"]
    return whole, (
        f"Marigold in PyTorch: 50 steps of {seconds['marigold']:.3f} s, one encode and one decode: "
        f"{whole:.1f} s, {whole / results['tile']['seconds']['ours']:.1f} times our tile."
    )
