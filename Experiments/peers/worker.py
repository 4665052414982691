"""Runs one network with one engine, in a separate process so that its peak memory can be measured.

The program prints `ready` and the engine's name. It then runs once for each line on standard input,
and prints the seconds of each run. The first run's output is written to a file. speed.py starts it;
`run-network --serve` does the same.
"""

import argparse
import json
import os
import sys
import time

import numpy
from safetensors.numpy import load_file, save_file


def input_shape(part, size):
    channels = {"step": 8, "marigold": 8, "decode": 4}.get(part, 3)
    side = size // 8 if channels > 3 else size
    return 1, channels, side, side


def normalized(x):
    low, high = x.min(), x.max()
    return (x - low) / (high - low + 1e-8)


def tile(image, networks, arrays, steps, refiner):
    """Runs a whole tile in any library's arrays: coarse heights, refined by progressive blending."""
    latent = refiner["autoencoder"]["latentChannels"]
    scale = refiner["autoencoder"]["latentScale"]
    epsilon = refiner["blending"]["epsilon"]

    def encoded(x):
        return networks["encode"](x)[:, :latent] * scale

    heights = normalized(networks["coarse"](image)) * 2 - 1
    seen = encoded(normalized(image) * 2 - 1)
    start = blend = encoded(arrays.concatenate([heights] * 3, 1))
    for place, step in reversed(list(enumerate(steps))):
        estimate = networks["step"](arrays.concatenate([seen, blend], 1), step)
        share = epsilon * (len(steps) - place) / (len(steps) - 1) if place else 1.0
        blend = share * estimate + (1 - share) * start
    return normalized(networks["decode"](blend / scale).mean(1, keepdims=True))


class PyTorch:
    def __init__(self, options):
        import torch

        self.arrays, self.options = torch, options
        self.name = f"PyTorch {torch.__version__}, {options.form.replace('_', ' ')}"
        torch.set_num_threads(options.threads)
        torch.inference_mode().__enter__()
        self.array = torch.from_numpy

    def load(self, part):
        import networks
        import torch

        if part == "marigold":
            network = networks.Marigold().eval()
        else:
            network = networks.load(self.options.bundle, part, self.options.size)
        if self.options.form != "contiguous":
            network = network.to(memory_format=torch.channels_last)
        if self.options.form == "compiled":
            import torch._inductor.config as inductor

            inductor.freezing = True
            network = torch.compile(network)
        return network


class ONNXRuntime:
    array = staticmethod(lambda x: x)
    arrays = numpy

    def __init__(self, options):
        import onnxruntime

        self.library, self.options = onnxruntime, options
        self.name = f"ONNX Runtime {onnxruntime.__version__}"
        # One memory pool for all sessions of a tile, because its networks never run concurrently.
        place = onnxruntime.OrtMemoryInfo(
            "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0,
            onnxruntime.OrtMemType.DEFAULT,
        )  # fmt: skip
        onnxruntime.create_and_register_allocator(place, None)

    def load(self, part):
        settings = self.library.SessionOptions()
        settings.intra_op_num_threads = self.options.threads
        settings.graph_optimization_level = self.library.GraphOptimizationLevel.ORT_ENABLE_ALL
        settings.add_session_config_entry("session.use_env_allocators", "1")
        # Threads spin during a run, which makes it faster, and not after it, which would slow the next.
        settings.add_session_config_entry("session.force_spinning_stop", "1")
        session = self.library.InferenceSession(
            f"{self.options.models}/{part}.onnx", settings, providers=["CPUExecutionProvider"]
        )
        names = [given.name for given in session.get_inputs()]
        return lambda *inputs: session.run(None, dict(zip(names, inputs)))[0]


class OpenVINO:
    array = staticmethod(lambda x: x)
    arrays = numpy

    def __init__(self, options):
        import openvino

        self.core, self.options = openvino.Core(), options
        self.name = f"OpenVINO {openvino.__version__.split('-')[0]}"

    def load(self, part):
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": self.options.threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        network = self.core.compile_model(f"{self.options.models}/{part}.xml", "CPU", settings)
        request = network.create_infer_request()
        return lambda *inputs: request.infer(inputs, share_inputs=True, share_outputs=True)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["pytorch", "onnxruntime", "openvino"])
    parser.add_argument("part")
    for name in ("bundle", "models", "input", "output", "form"):
        parser.add_argument(f"--{name}")
    for name in ("size", "threads"):
        parser.add_argument(f"--{name}", type=int)
    options = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w")  # output of libraries is redirected to stderr
    os.dup2(2, 1)
    engines = {"pytorch": PyTorch, "onnxruntime": ONNXRuntime, "openvino": OpenVINO}
    engine = engines[options.engine](options)
    with open(f"{options.bundle}/model.json") as file:
        refiner = json.load(file)["refiner"]
    steps = [engine.array(numpy.array([i])) for i in range(refiner["blending"]["steps"])]
    inputs = [engine.array(load_file(options.input)["x"])]
    if options.part == "tile":
        parts = {name: engine.load(name) for name in ("coarse", "encode", "step", "decode")}
        inputs += [parts, engine.arrays, steps, refiner]
        network = tile
    else:
        network = engine.load(options.part)
        if options.part in ("step", "marigold"):
            inputs.append(steps[-1])
    print(f"ready {engine.name}", file=answers, flush=True)
    is_first = True
    for _ in sys.stdin:
        start = time.perf_counter()
        result = network(*inputs)
        seconds = time.perf_counter() - start
        if is_first:
            save_file({"x": numpy.ascontiguousarray(result)}, options.output)
            is_first = False
        print(seconds, file=answers, flush=True)


if __name__ == "__main__":
    main()
