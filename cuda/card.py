#!/usr/bin/env python3
"""A first look at a card that needs nothing of amend4j's but the kernels' sources: python3, numpy, and ctypes.

    python3 card.py [--json FILE] [--quick]     on a machine with a card
    python3 card.py --dry-run [--json FILE]     what can be checked without one

In this order: the libraries that are there; NVRTC on every kernel source; kernels of every source launched, their results against
numpy in double precision; cuBLAS for every layout (TN, NN, NT) and precision that amend4j uses, against numpy, then timed; what
"amend4j plan --card" takes for granted, measured; PyTorch with adapters as PEFT computes them, on the shapes of "amend4j bench" (skipped
with a sentence where PyTorch is not installed).

A dry run compiles the sources with NVRTC if there is one (that needs no card), and launches them on the host through the emulation
that amend4j's own tests use, if there is a C++ compiler: so every expectation below is one that the sources meet. It measures nothing.

Exit codes: 0 all went well, 1 something failed, 2 no card. The JSON is written anew after every step, whole at any time.
"""

import argparse
import copy
import ctypes
import glob
import json
import math
import os
import platform
import re
import shutil
import site
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
except ImportError:
    sys.exit("card.py needs numpy: " + sys.executable + " has none.")

HERE = os.path.dirname(os.path.abspath(__file__))
ARCHITECTURES = (75, 80, 89, 90, 100, 120)
UNIT = 2.0**-24
FAILED, NO_CARD = 1, 2


class Failure(Exception):
    """Something that a library refused."""


# ---------------------------------------------------------------------------------------------------------------- findings


class Findings:
    """All that was found out, in a file that is whole at any time."""

    def __init__(self, path):
        self.path = path
        self.all = {"failures": [], "skipped": [], "complete": False}

    def put(self, key, value):
        self.all[key] = value
        self.write()

    def failed(self, sentence):
        print("FAILED: " + sentence)
        self.all["failures"].append(sentence)
        self.write()

    def skipped(self, sentence):
        print("Skipped: " + sentence)
        self.all["skipped"].append(sentence)
        self.write()

    def write(self):
        if self.path:
            temporary = self.path + ".%d.part" % os.getpid()
            with open(temporary, "w", encoding="utf-8") as out:
                json.dump(self.all, out, indent=2)
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, self.path)


# --------------------------------------------------------------------------------------------------------------- libraries


def folders(named):
    """Where libraries may be, the likeliest first."""
    packages = [p for p in sys.path + [site.getusersitepackages()] if p.endswith("-packages")]
    found = [named] if named else []
    found += [p for p in os.environ.get("LD_LIBRARY_PATH", "").split(":") if p]
    for package in packages:
        found += sorted(glob.glob(os.path.join(package, "nvidia", "*", "lib")))
    found += sorted(glob.glob("/usr/local/cuda*/lib64")) + sorted(glob.glob("/usr/local/cuda*/targets/x86_64-linux/lib"))
    found += ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib"]
    return list(dict.fromkeys(found))


def find(named, *names):
    """The path of the first of some libraries that is there, or None."""
    for name in names:
        for folder in folders(named):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return path
    return None


def load(named, *names):
    path = find(named, *names)
    if path is None:
        return None
    try:
        return ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
    except OSError as refused:
        raise Failure("%s does not load: %s" % (path, refused)) from refused


# ----------------------------------------------------------------------------------------------------------------- sources


class Source:
    """A kernel source after the prelude, as amend4j compiles it."""

    def __init__(self, folder, name):
        self.name = name
        with open(os.path.join(folder, "prelude.cuh"), encoding="utf-8") as prelude:
            text = prelude.read()
        with open(os.path.join(folder, name + ".cu"), encoding="utf-8") as source:
            text += source.read()
        self.text = re.sub(r'^#include "(\w+\.cuh)"$', lambda header: self.header(folder, header.group(1)), text, flags=re.M)
        least = re.search(r"#define LEAST_ARCHITECTURE (\d+)", self.text)
        self.least_architecture = int(least.group(1)) if least else 0
        self.kernels = {}
        for kernel, parameters in re.findall(r'extern\s+"C"\s+__global__\s+void\s+(\w+)\s*\(([^)]*)\)', self.text):
            self.kernels[kernel] = [self.kind(parameter) for parameter in parameters.split(",")]

    def of_bfloat16(self):
        """The same for rows of bfloat16 numbers, as KernelSource has it."""
        other = copy.copy(self)
        other.name, other.text = self.name + "_bf16", "#define VALUE unsigned short\n" + self.text
        return other

    @staticmethod
    def header(folder, name):
        with open(os.path.join(folder, name), encoding="utf-8") as header:
            return header.read()

    @staticmethod
    def kind(parameter):
        if "*" in parameter:
            return "pointer"
        return "long" if "long long" in parameter else "float" if "float" in parameter else "int"


def sources(folder):
    names = sorted(os.path.basename(p)[:-3] for p in glob.glob(os.path.join(folder, "*.cu")))
    if not names:
        raise Failure("there are no kernel sources in " + folder)
    return [Source(folder, name) for name in names]


# ------------------------------------------------------------------------------------------------------------------- NVRTC


class Compiler:
    """NVRTC."""

    def __init__(self, named):
        load(named, "libnvrtc-builtins.so.13.1", "libnvrtc-builtins.so.13.0")
        self.library = load(named, "libnvrtc.so.13", "libnvrtc.so.12")
        if self.library is not None:
            self.library.nvrtcGetErrorString.restype = ctypes.c_char_p

    def check(self, status, what):
        if status != 0:
            raise Failure("%s: %s" % (what, self.library.nvrtcGetErrorString(status).decode()))

    def version(self):
        major, minor = ctypes.c_int(), ctypes.c_int()
        self.check(self.library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)), "nvrtcVersion")
        return "%d.%d" % (major.value, minor.value)

    def architectures(self):
        count = ctypes.c_int()
        self.check(self.library.nvrtcGetNumSupportedArchs(ctypes.byref(count)), "nvrtcGetNumSupportedArchs")
        known = (ctypes.c_int * count.value)()
        self.check(self.library.nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs")
        return list(known)

    def compile(self, source, architecture):
        """Machine code for an architecture, 90 for 9.0; with the compiler's complaint in the failure if there is none."""
        program = ctypes.c_void_p()
        options = [b"--gpu-architecture=sm_%d" % architecture, b"--std=c++17"]
        self.check(
            self.library.nvrtcCreateProgram(
                ctypes.byref(program), source.text.encode(), (source.name + ".cu").encode(), 0, None, None
            ),
            "nvrtcCreateProgram",
        )
        try:
            status = self.library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
            if status != 0:
                raise Failure("%s.cu for sm_%d does not compile:\n%s" % (source.name, architecture, self.log(program)))
            size = ctypes.c_size_t()
            self.check(self.library.nvrtcGetCUBINSize(program, ctypes.byref(size)), "nvrtcGetCUBINSize")
            code = ctypes.create_string_buffer(size.value)
            self.check(self.library.nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN")
            return code.raw
        finally:
            self.library.nvrtcDestroyProgram(ctypes.byref(program))

    def log(self, program):
        size = ctypes.c_size_t()
        self.check(self.library.nvrtcGetProgramLogSize(program, ctypes.byref(size)), "nvrtcGetProgramLogSize")
        text = ctypes.create_string_buffer(size.value)
        self.check(self.library.nvrtcGetProgramLog(program, text), "nvrtcGetProgramLog")
        return text.value.decode(errors="replace")


def sources_for(architecture, all_sources):
    return [source for source in all_sources if source.least_architecture <= architecture]


def compile_all(findings, compiler, all_sources, architectures):
    results = []
    known = compiler.architectures()
    for architecture in architectures:
        if architecture not in known:
            findings.skipped("NVRTC %s does not know sm_%d." % (compiler.version(), architecture))
            continue
        for source in sources_for(architecture, all_sources):
            start = time.perf_counter()
            try:
                size = len(compiler.compile(source, architecture))
                results.append(
                    {"source": source.name, "architecture": architecture, "bytes": size,
                     "seconds": round(time.perf_counter() - start, 3)}
                )
            except Failure as refused:
                findings.failed(str(refused))
    findings.put("compiled", {"nvrtc": compiler.version(), "codes": results})
    print("NVRTC %s: %d of %d codes compiled." % (compiler.version(), len(results),
                                                 sum(len(sources_for(a, all_sources)) for a in architectures if a in known)))


# ---------------------------------------------------------------------------------------------------------------- machines


class Card:
    """The first card, through the driver's own interface."""

    def __init__(self, named, compiler):
        self.compiler = compiler
        self.driver = load(named, "libcuda.so.1", "libcuda.so")
        if self.driver is None:
            raise Failure("there is no libcuda.so.1, which comes with NVIDIA's driver")
        self.check("cuInit", 0)
        version = ctypes.c_int()
        self.check("cuDriverGetVersion", ctypes.byref(version))
        self.device = ctypes.c_int()
        self.check("cuDeviceGet", ctypes.byref(self.device), 0)
        text = ctypes.create_string_buffer(256)
        self.check("cuDeviceGetName", text, 256, self.device)
        self.name = text.value.decode()
        self.capability = 10 * self.attribute(75) + self.attribute(76)
        self.facts = {"name": self.name, "capability": self.capability / 10, "driverSupportsCuda": version.value / 1000}
        self.context = ctypes.c_void_p()
        self.check("cuDevicePrimaryCtxRetain", ctypes.byref(self.context), self.device)
        self.check("cuCtxSetCurrent", self.context)
        self.stream = ctypes.c_void_p()
        self.check("cuStreamCreate", ctypes.byref(self.stream), 1)
        self.modules, self.functions = {}, {}

    def check(self, call, *arguments):
        function = getattr(self.driver, call + "_v2", None) or getattr(self.driver, call)
        status = function(*arguments)
        if status != 0:
            text = ctypes.c_char_p()
            self.driver.cuGetErrorString(status, ctypes.byref(text))
            raise Failure("%s: %s (%d)" % (call, (text.value or b"unknown").decode(), status))

    def attribute(self, number):
        value = ctypes.c_int()
        self.check("cuDeviceGetAttribute", ctypes.byref(value), number, self.device)
        return value.value

    def architecture(self):
        """Its own, or the last one before it of the same generation, whose code it runs."""
        fits = [a for a in self.compiler.architectures() if a // 10 == self.capability // 10 and a <= self.capability]
        if not fits:
            raise Failure("NVRTC %s compiles nothing for %.1f" % (self.compiler.version(), self.capability / 10))
        return max(fits)

    def allocate(self, size):
        address = ctypes.c_ulonglong()
        self.check("cuMemAlloc", ctypes.byref(address), ctypes.c_size_t(max(1, size)))
        return address.value

    def put(self, array):
        address = self.allocate(array.nbytes)
        if array.nbytes:
            self.check("cuMemcpyHtoDAsync", ctypes.c_ulonglong(address), ctypes.c_void_p(array.ctypes.data),
                       ctypes.c_size_t(array.nbytes), self.stream)
            self.finish()
        return address

    def get(self, address, like):
        array = np.empty_like(like)
        self.check("cuMemcpyDtoHAsync", ctypes.c_void_p(array.ctypes.data), ctypes.c_ulonglong(address),
                   ctypes.c_size_t(array.nbytes), self.stream)
        self.finish()
        return array

    def free(self, address):
        self.finish()
        self.check("cuMemFree", ctypes.c_ulonglong(address))

    def finish(self):
        self.check("cuStreamSynchronize", self.stream)

    def launch(self, source, kernel, grid, block, shared, slots):
        if source.name not in self.modules:
            code = self.compiler.compile(source, self.architecture())
            module = ctypes.c_void_p()
            self.check("cuModuleLoadData", ctypes.byref(module), ctypes.c_char_p(code))
            self.modules[source.name] = module
        if (source.name, kernel) not in self.functions:
            function = ctypes.c_void_p()
            self.check("cuModuleGetFunction", ctypes.byref(function), self.modules[source.name], kernel.encode())
            self.functions[source.name, kernel] = function
        self.check("cuLaunchKernel", self.functions[source.name, kernel], grid[0], grid[1], 1, block, 1, 1, shared, self.stream, slots,
                   None)

    def copy_within(self, source, target, size):
        self.check("cuMemcpyDtoDAsync", ctypes.c_ulonglong(target), ctypes.c_ulonglong(source), ctypes.c_size_t(size), self.stream)

    def record(self, work):
        """What is started, as a graph: amend4j replays a step so, and Python could not start short kernels as fast as a card runs them."""
        graph, recorded = ctypes.c_void_p(), ctypes.c_void_p()
        self.check("cuStreamBeginCapture", self.stream, 1)  # what other threads do is none of its business
        try:
            work()
        except Failure:
            self.driver.cuStreamEndCapture(self.stream, ctypes.byref(graph))  # so that the stream can be used for what comes next
            if graph:
                self.driver.cuGraphDestroy(graph)
            raise
        self.check("cuStreamEndCapture", self.stream, ctypes.byref(graph))
        try:
            self.check("cuGraphInstantiateWithFlags", ctypes.byref(recorded), graph, ctypes.c_ulonglong(0))
        finally:
            self.check("cuGraphDestroy", graph)
        return recorded

    def replay(self, recorded):
        self.check("cuGraphLaunch", recorded, self.stream)

    def forget(self, recorded):
        self.finish()
        self.check("cuGraphExecDestroy", recorded)

    def milliseconds(self, work, times):
        start, end = ctypes.c_void_p(), ctypes.c_void_p()
        self.check("cuEventCreate", ctypes.byref(start), 0)
        self.check("cuEventCreate", ctypes.byref(end), 0)
        try:
            self.check("cuEventRecord", start, self.stream)
            for _ in range(times):
                work()
            self.check("cuEventRecord", end, self.stream)
            self.check("cuEventSynchronize", end)
            elapsed = ctypes.c_float()
            self.check("cuEventElapsedTime", ctypes.byref(elapsed), start, end)
            return elapsed.value / times
        finally:
            self.check("cuEventDestroy", start)
            self.check("cuEventDestroy", end)

    def close(self):
        self.finish()
        for module in self.modules.values():
            self.check("cuModuleUnload", module)
        self.check("cuStreamDestroy", self.stream)
        self.check("cuDevicePrimaryCtxRelease", self.device)


class Host:
    """The kernels on this processor: emulation.h, compiled by the host's compiler. Correct or not, nothing else."""

    def __init__(self, emulation, folder):
        self.compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
        with open(emulation, encoding="utf-8") as header:
            self.header = header.read()
        self.folder = folder
        self.libraries = {}
        self.kept = {}

    def put(self, array):
        kept = np.ascontiguousarray(array).copy()
        self.kept[kept.ctypes.data] = kept
        return kept.ctypes.data

    def get(self, address, like):
        return self.kept[address].reshape(like.shape).copy()

    def free(self, address):
        del self.kept[address]

    def launch(self, source, kernel, grid, block, shared, slots):
        if source.name not in self.libraries:
            self.libraries[source.name] = self.build(source)
        launch = self.libraries[source.name].amend_launch
        launch.restype = ctypes.c_char_p
        shape = (ctypes.c_int * 7)(grid[0], grid[1], 1, block, 1, 1, shared)
        number = list(source.kernels).index(kernel)
        fault = launch(number, shape, slots, 0, ctypes.c_uint64(1))
        if fault:
            raise Failure(fault.decode())

    def build(self, source):
        door = "static void (*const amend_kernels[])(void **) = {"
        door += "".join("amend_caller<&%s>::call, " % kernel for kernel in source.kernels)
        door += '};\nextern "C" const char *amend_launch(int kernel, const int *shape, void **slots, int order, uint64_t seed)'
        door += " {\n    return amend_run(amend_kernels[kernel], shape, slots, order, seed);\n}\n"
        path = os.path.join(self.folder, source.name)
        with open(path + ".cpp", "w", encoding="utf-8") as out:
            out.write(self.header + '\n#line 1 "%s.cu"\n' % source.name + source.text + "\n" + door)
        command = [self.compiler, "-std=c++17", "-O1", "-fPIC", "-shared", path + ".cpp", "-o", path + ".so"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise Failure("%s.cu does not compile on the host:\n%s" % (source.name, built.stderr[:2000]))
        return ctypes.CDLL(path + ".so")


# ----------------------------------------------------------------------------------------------------------------- kernels


class Out:
    """Memory that a kernel writes: what is there before, what must be there after, and how far off that may be."""

    def __init__(self, before, after, tolerance):
        self.before = np.array(before)
        self.after = np.asarray(after)
        self.tolerance = tolerance


class Case:
    """A launch of a kernel. Arguments: arrays (read), Out (written), None (absent), ints, floats."""

    def __init__(self, source, kernel, grid, block, shared, *arguments):
        self.source, self.kernel = source, kernel
        self.grid, self.block, self.shared = grid, block, shared
        self.arguments = arguments


def slots_of(kinds, values):
    makers = {"pointer": ctypes.c_ulonglong, "long": ctypes.c_longlong, "float": ctypes.c_float, "int": ctypes.c_int}
    kept = [makers[kind](value) for kind, value in zip(kinds, values)]
    return (ctypes.c_void_p * len(kept))(*[ctypes.addressof(one) for one in kept]), kept


def place(machine, source, case, addresses):
    """Its arguments with arrays of their own on the machine, whose addresses are added: slots, what keeps them, and what is written."""
    kinds, values, written = source.kernels[case.kernel], [], []
    if len(kinds) != len(case.arguments):
        raise Failure("%s takes %d arguments, got %d" % (case.kernel, len(kinds), len(case.arguments)))
    for argument in case.arguments:
        if isinstance(argument, (np.ndarray, Out)):
            address = machine.put(np.ascontiguousarray(argument.before if isinstance(argument, Out) else argument))
            addresses.append(address)
            values.append(address)
            if isinstance(argument, Out):
                written.append((argument, address))
        else:
            values.append(0 if argument is None else argument)
    return (*slots_of(kinds, values), written)


def run_case(machine, source, case):
    """The greatest error in units of what is allowed: up to 1 is right."""
    addresses = []
    try:
        slots, kept, written = place(machine, source, case, addresses)
        machine.launch(source, case.kernel, case.grid, case.block, case.shared, slots)
        del kept
        return max(error(out, machine.get(address, out.before)) for out, address in written)
    finally:
        for address in addresses:
            machine.free(address)


def error(out, got):
    """How far off, in units of the tolerance; NaN must meet NaN. Halves where numbers are expected are bfloat16 numbers."""
    if got.dtype == np.uint16 and out.after.dtype != np.uint16:
        got = from_bfloat16(got)
    expected = np.asarray(out.after, dtype=np.float64).ravel()
    got = np.asarray(got, dtype=np.float64).ravel()
    if np.any(np.isnan(expected) != np.isnan(got)):
        return float("inf")
    tolerance = np.broadcast_to(np.asarray(out.tolerance, dtype=np.float64), np.shape(out.after)).ravel()
    apart = np.abs(np.nan_to_num(expected) - np.nan_to_num(got))
    return float(np.max(apart / np.maximum(tolerance, 1e-300), initial=0.0))


def normal(random, *shape):
    return random.standard_normal(shape).astype(np.float32)


def linear(count):
    return (min((count + 255) // 256, 4096), 1)


def activation(kind, z):
    """Those of prelude.cuh that are tried, with their derivatives."""
    if kind == RELU:
        return np.maximum(z, 0), (z > 0).astype(np.float64)
    if kind == GELU_EXACT:
        below = np.vectorize(lambda one: math.erfc(-one / math.sqrt(2)) / 2)(z)
        return z * below, below + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    if kind == GELU_TANH:
        tanh = np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))
        return z * (1 + tanh) / 2, (1 + tanh) / 2 + z * (1 - tanh**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2) / 2
    if kind == SWISH:
        sigmoid = 1 / (1 + np.exp(-z))
        return z * sigmoid, sigmoid + z * sigmoid * (1 - sigmoid)
    sigmoid = 1 / (1 + np.exp(-1.702 * z))
    return z * sigmoid, sigmoid + 1.702 * z * sigmoid * (1 - sigmoid)


RELU, SWISH, GELU, GELU_EXACT, GELU_TANH = 1, 12, 13, 14, 15


def dropped(key, stream, first_row, rows, columns, probability):
    """What dropout.cu drops, in Python's own integers."""
    golden, whole, half = 0x9E3779B97F4A7C15, 2**64 - 1, 2**32 - 1

    def mixed(z):
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & whole
        z = (z ^ z >> 27) * 0x94D049BB133111EB & whole
        return z ^ z >> 31

    def mixed32(h):
        h = (h ^ h >> 16) * 0x7FEB352D & half
        h = (h ^ h >> 15) * 0x846CA68B & half
        return h ^ h >> 16

    of_stream = mixed(key + (stream + 1) * golden & whole)
    mask = np.zeros((rows, columns), dtype=bool)
    for row in range(rows):
        bits = mixed(of_stream + (first_row + row + 1) * golden & whole)
        for column in range(columns):
            u = mixed32(mixed32((bits & half) + column * 0x9E3779B9 & half) ^ bits >> 32)
            mask[row, column] = u >> 1 < int(probability * 2**31)
    return mask


def rows_cases(random, rows, columns, rank):
    """activation.cu, adapter.cu, epilogue.cu and low_rank.cu; by four columns at once where the number of columns is a multiple of 4."""
    double = np.float64
    z, bias = normal(random, rows, columns), normal(random, columns)
    low, up = normal(random, rows, rank), normal(random, rank, columns)
    upstream = normal(random, rows, columns)
    empty = np.full((rows, columns), np.nan, dtype=np.float32)
    by_columns = ((columns + 127) // 128, 4)
    few = 16 * UNIT

    # activation.cu
    with_bias = z.astype(double) + bias
    sums = with_bias + 0.5 * low.astype(double) @ up
    size = np.abs(z) + np.abs(bias) + 0.5 * np.abs(low).astype(double) @ np.abs(up)
    value, slope = activation(GELU, with_bias)
    yield Case("activation", "bias_activation", by_columns, 128, 0, z, columns, bias, Out(empty, with_bias, few * size), columns,
               Out(empty, value, 4 * few * (1 + size)), columns, rows, columns, GELU, 0.0)
    yield Case("activation", "adapter_epilogue", by_columns, 128, 8 * rank * 4, z, columns, low, rank, up, columns, 0.5, bias,
               Out(empty, sums, few * size), columns, Out(empty, np.maximum(sums, 0), few * size), columns, rows, columns, rank,
               RELU, 0.0)
    for kind in (SWISH, GELU_EXACT, GELU_TANH):
        yield Case("activation", "bias_activation", by_columns, 128, 0, z, columns, None, None, 0,
                   Out(empty, activation(kind, z.astype(double))[0], 4 * few * (1 + np.abs(z))), columns, rows, columns, kind, 0.0)
    chunk = 10
    delta = upstream * slope
    partial = np.array([delta[i:i + chunk].sum(axis=0) for i in range(0, rows, chunk)])
    yield Case("activation", "activation_gradient", (1, len(partial)), 128, 4 * 128 * 4, upstream, columns,
               with_bias.astype(np.float32), columns, Out(empty, delta, 8 * few * (1 + np.abs(upstream))), columns,
               Out(np.full(partial.shape, np.nan, np.float32), partial, 8 * few * chunk * 4), rows, columns, chunk, GELU, 0.0)
    yield Case("activation", "column_sums", (1, 1), 128, 0, z, Out(bias, 0.5 * bias.astype(double) + z.sum(axis=0, dtype=double),
                                                                  rows * UNIT * (1 + np.abs(z).sum(axis=0))), 0.5, rows, columns)
    yield Case("activation", "narrow_sums", (columns, 1), 1024, 32 * 4, z, columns,
               Out(bias, 0.5 * bias.astype(double) + z.sum(axis=0, dtype=double), rows * UNIT * (1 + np.abs(z).sum(axis=0))), 0.5, rows,
               columns)

    # adapter.cu
    yield Case("adapter", "adapter_sum", (1, 5), 128, 8 * rank * 4,
               Out(z, sums, few * size), columns, low, rank, 1, up, columns, 1, 0.5, None, bias, rows, columns, rank)
    yield Case("adapter", "rectifier_gradient", by_columns, 128, 0, z, columns, upstream, columns, 1.0,
               Out(empty, np.where((z > 0) & (z < 1), upstream, 0), 0), columns, rows, columns)

    # epilogue.cu: rows of a mask begin at multiples of 128 bits
    words = (columns + 127) // 128 * 4
    nothing = np.zeros((rows, words), np.int32)
    rectified = np.maximum(z + bias, np.float32(0))
    grid = ((columns + 127) // 128, 3)
    yield Case("epilogue", "epilogue_bias", grid, 256, 0, Out(z, z + bias, 0), columns, bias, None, words, rows, columns, 0)
    yield Case("epilogue", "epilogue_bias", grid, 256, 0, Out(z, rectified, 0), columns, bias,
               Out(nothing, signs(rectified, words), 0), words, rows, columns, 1)
    passed = np.where(rectified > 0, upstream, np.float32(0))
    parts = np.array([passed[i:i + chunk].sum(axis=0, dtype=double) for i in range(0, rows, chunk)])
    loose = chunk * UNIT * (1 + 8 * np.abs(parts).max())
    yield Case("epilogue", "epilogue_gradient", ((columns + 127) // 128, len(parts)), 256, 8 * 128 * 4, Out(upstream, passed, 0),
               columns, signs(rectified, words), words, Out(np.full(parts.shape, np.nan, np.float32), parts, loose), rows, columns, chunk)
    yield Case("epilogue", "epilogue_sums", (1, 1), 128, 0, z,
               Out(np.full(columns, np.nan, np.float32), z.sum(axis=0, dtype=double), rows * UNIT * (1 + np.abs(z).sum(axis=0))),
               rows, columns)

    # low_rank.cu: one tile of columns, one chunk of rows; what an earlier launch left is added up; counters must be zeros again
    outer, gradient = z.astype(double) @ up.T, z.T.astype(double) @ low
    off_outer = (columns + 2) * UNIT * (np.abs(z).astype(double) @ np.abs(up).T)
    off_gradient = (rows + 2) * UNIT * (np.abs(z).T.astype(double) @ np.abs(low))
    strip, of_low, of_outer = 16 * 260, 16 * 16, (256 + 8 * 16) * 16 + 1
    none = np.zeros(1, np.int32)
    to_outer = (Out(np.full((1, rows, rank), np.nan, np.float32), outer[None], off_outer[None]), Out(none, none, 0), 64,
                Out(np.full((rows, rank), np.nan, np.float32), 0.5 * outer, off_outer), rank, 0.5)
    left = normal(random, 3, 7)
    earlier = (left, 3, 7, Out(np.full(7, np.nan, np.float32), left.sum(axis=0, dtype=double), few * np.abs(left).sum(axis=0)))
    sizes = (rows, columns, rank, 64)
    yield Case("low_rank", "low_rank_projection", (1, 1), 256, (strip + of_outer) * 4, z, columns, up, columns, *to_outer, *sizes)
    yield Case("low_rank", "low_rank_gradients", (1, 1), 256, (strip + of_low + of_outer) * 4, z, columns, up, columns, low, rank, *to_outer,
               Out(np.full((columns, rank), np.nan, np.float32), gradient, off_gradient), *earlier, *sizes)
    yield Case("low_rank", "low_rank_gradient", (1, 1), 256, (strip + of_low) * 4, z, columns, low, rank,
               Out(np.full((rank, columns), np.nan, np.float32), gradient.T, off_gradient.T), None, 0, 0, None, *sizes)
    yield Case("low_rank", "low_rank_sums", linear(7), 256, 0, *earlier)


def signs(values, words):
    """A bit for each that is positive, in rows of so many words; further bits are 0."""
    bits = np.zeros((len(values), words * 32), np.uint8)
    bits[:, :values.shape[1]] = values > 0
    return np.packbits(bits, axis=1, bitorder="little").view("<i4")


def cases():
    """At least one launch for every source, on odd sizes. Tolerances: roundings of the terms added up, with room for exp and log."""
    random = np.random.default_rng(7)
    double = np.float64
    rows, columns, rank = 37, 70, 5
    z, bias = normal(random, rows, columns), normal(random, columns)
    low = normal(random, rows, rank)
    upstream = normal(random, rows, columns)
    empty = np.full((rows, columns), np.nan, dtype=np.float32)
    by_columns = ((columns + 127) // 128, 4)
    warps = 8 * 4
    few = 16 * UNIT

    yield from rows_cases(np.random.default_rng(8), rows, columns, rank)
    yield from rows_cases(np.random.default_rng(9), rows, 72, rank)

    # accumulation.cu: sums that floats alone would lose
    high, less = normal(random, 1000), (normal(random, 1000) * UNIT).astype(np.float32)
    small = (normal(random, 1000) * 1e-5).astype(np.float32)
    exact = high.astype(double) + less + 3.0 * small.astype(double)
    yield Case("accumulation", "add_to", linear(1000), 256, 0, small, 3.0, 0.0,
               Out(high, exact, UNIT * (1 + np.abs(exact))), Out(less, exact - exact.astype(np.float32), 2 * UNIT * (1 + np.abs(exact))),
               1000)

    # batch_norm.cu, channels in the middle
    image = normal(random, 3, 5, 7)
    factor, shift = normal(random, 5), normal(random, 5)
    affine = factor[None, :, None].astype(double) * image + shift[None, :, None]
    yield Case("batch_norm", "channel_affine", linear(105), 256, 0, image, factor, shift,
               Out(np.full_like(image, np.nan), affine, 4 * UNIT * (1 + np.abs(affine) + np.abs(image) * 4)), 3, 5, 7)

    # clipping.cu: norms are upper bounds, a few millionths above
    examples, steps, wide = 6, 3, 11
    x, y = normal(random, examples * steps, wide), normal(random, examples * steps, 13)
    shares = np.einsum("eti,etj->eij", x.reshape(examples, steps, wide).astype(double), y.reshape(examples, steps, 13))
    norms = 2.0 * np.sqrt((shares**2).sum(axis=(1, 2)))
    yield Case("clipping", "ghost_norms", (examples, 1), 256, 8 * 8, x, wide, wide, None, y, 13, 13, 2.0, 0.0,
               Out(np.zeros(examples, np.float32), norms * (1 + 5e-4), norms * 5.1e-4), examples, steps)
    floats = norms.astype(np.float32)
    bound = float(np.median(floats))
    yield Case("clipping", "clip_weights", linear(examples), 256, 0, floats,
               Out(np.full(examples, np.nan, np.float32), np.minimum(1, bound / floats.astype(double)), 2 * UNIT), bound, examples)
    weights = normal(random, examples)
    yield Case("clipping", "scale_rows", (1, 4), 128, 0, x, wide, weights,
               Out(np.full_like(x, np.nan), np.repeat(weights, steps)[:, None].astype(double) * x, 2 * UNIT * (1 + 9 * np.abs(x))), wide,
               examples * steps, wide, steps)

    yield from image_cases(random)
    yield from storage_cases(random)
    yield from attention_cases(random)
    yield from kept_cases(np.random.default_rng(10))

    # dropout.cu
    yield Case("dropout", "dropout", by_columns, 128, 0, z, columns, np.array([5, -7], np.int32), 3, 11,
               int(0.25 * 2**31), 1 / 0.75,
               Out(empty, np.where(dropped(5 | (2**32 - 7) << 32, 3, 11, rows, columns, 0.25), 0, z.astype(double) / 0.75),
                   4 * UNIT * np.abs(z)), columns, 0, rows, columns)

    yield Case("dropout", "set_key", (1, 1), 32, 0, Out(np.zeros(2, np.int32), np.array([5, -7], np.int32), 0), 5, -7)

    # elementwise.cu
    other = normal(random, rows, columns)
    count = rows * columns
    yield Case("elementwise", "scaled_sum", linear(count), 256, 0, z, 0.5, other, -2.0,
               Out(empty, 0.5 * z.astype(double) - 2.0 * other, 4 * UNIT * (1 + np.abs(z) + 2 * np.abs(other))), count)
    yield Case("elementwise", "product", linear(count), 256, 0, z, other,
               Out(empty, z.astype(double) * other, 2 * UNIT * np.abs(z * other)), count)
    yield Case("elementwise", "maximum", linear(count), 256, 0, z, other, Out(empty, np.maximum(z, other), 0), count)
    batch = normal(random, 2, 33, 45)
    yield Case("elementwise", "transpose", (8, 1), 256, 32 * 33 * 4, batch,
               Out(np.full((2, 45, 33), np.nan, np.float32), batch.transpose(0, 2, 1), 0), 2, 33, 45)

    # embedding.cu: a token that the table does not have is a row of NaN; 70 columns one at a time, 8 by fours
    table, second = normal(random, 9, columns), normal(random, 9, 8)
    tokens = np.array([3, 0, 8, 9, 3], dtype=np.int32)
    expected, beside = (np.array([one[t] if t < 9 else np.full(one.shape[1], np.nan) for t in tokens]) for one in (table, second))
    yield Case("embedding", "gather", (1, 3), 128, 0, table, columns, 9, tokens,
               Out(np.zeros((5, columns), np.float32), expected, 0), columns, 5, columns)
    yield Case("embedding", "gather_pair", (1, 3), 128, 0, table, columns, second, 8, 9, tokens,
               Out(np.zeros((5, columns), np.float32), expected, 0), columns, Out(np.zeros((5, 8), np.float32), beside, 0), 8,
               5, columns, 8)
    added = table.astype(double)
    added[2] += 0.5 * (z[0].astype(double) + z[4])
    added[7] += 0.5 * z[1].astype(double)
    yield Case("embedding", "scatter", (1, 2), 128, 0, z, columns, np.array([2, 7], np.int32), np.array([0, 2, 3], np.int32),
               np.array([0, 4, 1], np.int32), 2, 0.5, Out(table, added, few * 4), columns, columns)

    # layer_norm.cu
    gain = normal(random, columns)
    mean = z.mean(axis=1, dtype=double)
    inverse = 1 / np.sqrt(z.var(axis=1, dtype=double) + 1e-5)
    hat = (z - mean[:, None]) * inverse[:, None]
    loose = columns * UNIT * 8
    nothing = np.full(rows, np.nan, np.float32)
    yield Case("layer_norm", "layer_norm", (rows, 1), 256, warps, z, columns, gain, bias,
               Out(empty, hat * gain + bias, loose * (1 + np.abs(gain) * 4)), columns, Out(nothing, mean, loose),
               Out(nothing, inverse, loose), 1e-5, rows, columns)
    e = upstream.astype(double) * gain
    gradient = inverse[:, None] * (e - e.mean(axis=1)[:, None] - hat * (e * hat).mean(axis=1)[:, None])
    yield Case("layer_norm", "layer_norm_gradient", (rows, 1), 256, warps, upstream, columns, z, columns, gain,
               mean.astype(np.float32), inverse.astype(np.float32), Out(empty, gradient, loose * 16), columns, rows, columns)

    # rms_norm.cu, gains around 1
    inverse = 1 / np.sqrt((z.astype(double) ** 2).mean(axis=1) + 1e-6)
    hat = z * inverse[:, None]
    yield Case("rms_norm", "rms_norm", (rows, 1), 256, warps, z, columns, gain, 1.0,
               Out(empty, hat * (1.0 + gain), loose * (1 + np.abs(gain) * 4)), columns, Out(nothing, inverse, loose), 1e-6, rows, columns)
    e = upstream * (1.0 + gain.astype(double))
    gradient = inverse[:, None] * (e - hat * (e * hat).mean(axis=1)[:, None])
    yield Case("rms_norm", "rms_norm_gradient", (rows, 1), 256, warps, upstream, columns, z, columns, gain, 1.0,
               inverse.astype(np.float32), Out(empty, gradient, loose * 16), columns, rows, columns)
    yield Case("rms_norm", "rms_norm_products", by_columns, 128, 0, upstream, columns, z, columns, inverse.astype(np.float32),
               Out(empty, upstream * hat, few * (1 + np.abs(upstream * hat))), rows, columns)

    # rotary.cu: 7 heads of 10; one position has no angles
    half, places = 5, np.arange(rows, dtype=np.int32)[::-1].copy()
    angles = np.arange(rows - 1)[:, None] * 100.0 ** (-np.arange(half) / half)
    tables = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    for back in (0, 1):
        yield Case("rotary", "rotate_halves", (1, 5), 64, 0, z, columns, places, tables[0], half, tables[1], half, rows - 1, half,
                   Out(empty, turned(z, places, angles, back), 8 * UNIT * (1 + np.abs(z).max())), columns, back, rows, columns)

    # gate.cu
    for kind in (SWISH, GELU_EXACT, GELU_TANH):
        value, slope = activation(kind, z.astype(double))
        off = 4 * few * (1 + np.abs(z)) * (1 + np.abs(other))
        yield Case("gate", "gate", by_columns, 128, 0, z, columns, other, columns, Out(empty, value * other, off), columns, rows, columns,
                   kind, 0.0)
        yield Case("gate", "gate_gradient", by_columns, 128, 0, upstream, columns, z, columns, other, columns,
                   Out(empty, upstream * other * slope, off * (1 + np.abs(upstream))), columns,
                   Out(empty, upstream * value, off * (1 + np.abs(upstream))), columns, rows, columns, kind, 0.0)

    # column_norms.cu: every third column is mostly cancelled by the factors, and formed
    rank, inputs = 3, 40
    a, b = normal(random, rank, inputs), normal(random, rank, columns)
    weight = normal(random, columns, inputs)
    weight[::3] = (0.001 * weight[::3].astype(double) - 2 * (a.astype(double).T @ b).T[::3]).astype(np.float32)
    wide, low = weight.astype(double), a.astype(double) @ weight.astype(double).T
    added = 2 * (a.astype(double).T @ b).T
    norms = np.sqrt(((wide + added) ** 2).sum(axis=1))
    terms = np.sqrt(((np.abs(wide) + 2 * (np.abs(a.astype(double)).T @ np.abs(b)).T) ** 2).sum(axis=1))
    formed = ((rank + 3) * terms / norms + inputs) * UNIT
    summed = (inputs + rank * rank + 8) * UNIT * terms ** 2 / norms ** 2 / 2
    off = np.where(norms ** 2 > ((wide ** 2 + added ** 2).sum(axis=1)) / 128, np.maximum(formed, summed), formed)
    m = normal(random, columns)
    unset = np.full(columns, np.nan, np.float32)
    yield Case("column_norms", "column_scales", linear(columns), 256, 0, weight, a, b, low.astype(np.float32),
               (a.astype(double) @ a.T).astype(np.float32), (wide ** 2).sum(axis=1).astype(np.float32), m, 2.0, 1 / 64,
               Out(unset, m / norms, 4 * off * np.abs(m) / norms), Out(unset, 1 / norms, 4 * off / norms), rank, inputs, columns)

    # loss.cu
    shifted = np.exp(z.astype(double) - z.max(axis=1)[:, None])
    soft = shifted / shifted.sum(axis=1)[:, None]
    yield Case("loss", "softmax", (rows, 1), 256, warps, z, columns, Out(empty, soft, loose), columns, rows, columns)
    target = np.zeros((rows, columns), np.float32)
    target[np.arange(rows), random.integers(0, columns, rows)] = 1
    yield Case("loss", "softmax_cross_entropy", (rows, 1), 256, warps, z, columns, target, columns, None,
               Out(nothing, -np.log(soft[target == 1]), loose * 8), Out(empty, soft - target, loose), columns, rows, columns)
    # labels: ignored ones, one that is no column; in place, as a language model's head does it
    labels = random.integers(0, columns, rows).astype(np.int32)
    labels[[1, 5]], labels[3] = -100, columns
    known, weight = (labels >= 0) & (labels < columns), np.abs(normal(random, rows))
    picked = np.where(known, labels, 0)
    lost = np.where(known, weight * -np.log(soft[np.arange(rows), picked]), np.where(labels < 0, 0, np.nan))
    sharp = np.where(known[:, None], weight[:, None] * (soft - np.eye(columns)[picked]), lost[:, None])
    yield Case("loss", "token_cross_entropy", (rows, 1), 256, warps, z, columns, labels, weight, Out(nothing, lost, loose * 32),
               Out(empty, sharp, loose * 4), columns, rows, columns)
    # a vocabulary as large as they get, by as many threads as a block has
    vocabulary = 151936
    high, which = normal(random, 2, vocabulary), np.array([vocabulary - 1, 17], np.int32)
    share = np.exp(high.astype(double))
    share /= share.sum(axis=1)[:, None]
    own = np.arange(vocabulary) == which[:, None]
    yield Case("loss", "token_cross_entropy", (2, 1), 1024, 32 * 4, high, vocabulary, which, None,
               Out(nothing[:2], -np.log(share[own]), 1e-5), Out(np.full_like(high, np.nan), share - own, 1e-5 * share + 4 * UNIT * own),
               vocabulary, 2, vocabulary)
    logits = z.astype(double)
    tails = np.log1p(np.exp(-np.abs(logits)))
    crossed = (np.maximum(logits, 0) - target * logits + tails).sum(axis=1)
    yield Case("loss", "sigmoid_cross_entropy", (rows, 1), 256, warps, z, columns, target, columns, None,
               Out(nothing, crossed, loose * columns), Out(empty, 1 / (1 + np.exp(-logits)) - target, few), columns, rows, columns)
    squares = ((z.astype(double) - target) ** 2).sum(axis=1)
    yield Case("loss", "squared_error", (rows, 1), 256, warps, z, columns, target, columns, None,
               Out(nothing, 0.5 * squares, loose * columns), Out(empty, z.astype(double) - target, few * 4), columns, 0.5, rows, columns)
    yield Case("loss", "total", (1, 1), 256, warps, z,
               Out(np.full(1, np.nan, np.float32), [z.sum(dtype=double)], UNIT * np.abs(z).sum() * 64), count)

    # optimizer.cu
    g, m, v = normal(random, 1000), normal(random, 1000), np.abs(normal(random, 1000))
    p = normal(random, 1000)
    first = 0.9 * m.astype(double) + 0.1 * (0.5 * g)
    second = 0.999 * v.astype(double) + 0.001 * (0.5 * g.astype(double)) ** 2
    moved = p - 0.01 * first / (np.sqrt(second) + 3 * 0.01)
    yield Case("optimizer", "adam", linear(1000), 256, 0, Out(p, moved, few * (1 + np.abs(p))), g,
               Out(m, first, few * (1 + np.abs(first))), Out(v, second, few * (1 + second)), 0.5, np.array([0.02, 3], np.float32), 0.5, 0.9,
               0.1, 0.999, 0.001, 0.01, 1000)
    yield Case("optimizer", "sgd", linear(1000), 256, 0, Out(p, p - 0.01 * (0.5 * g.astype(double)), few * (1 + np.abs(p))), g, 0.5,
               np.array([0.02, np.nan], np.float32), 0.5, 1000)
    # the third step of four places, in an order of ten and with paces for two: the step before has left its losses
    losses, kept = normal(random, 4), normal(random, 3, 4)
    after = kept.copy()
    after[1] = losses
    yield Case("optimizer", "begin_step", (1, 1), 256, 0, Out(np.array([8, 2, 2], np.int32), [12, 3, 0], 0),
               np.arange(10, 20, dtype=np.int32), 10, Out(np.zeros(4, np.int32), [18, 19, -1, -1], 0), 4, normal(random, 4), 2,
               Out(np.zeros(2, np.float32), [np.nan, np.nan], 0), losses, 4, Out(kept, after, 0), 3)

    # pieces.cu: a matrix as it is, and one whose columns become rows
    pieces = np.array([[0, 5, 0, 2, 3, 1, 0, 4, 0], [6, 20, 0, 4, 2, 30, 0, 5, 1]], np.int32)
    target = normal(random, 60)
    moved = target.copy()
    for row in range(2):
        moved[1 + 4 * row:4 + 4 * row] = p[5 + 3 * row:8 + 3 * row]
    for column in range(2):
        moved[30 + 5 * column:34 + 5 * column] = p[20 + column:28:2]
    yield Case("pieces", "copy_pieces", (1, 1), 64, 0, p, pieces, 2, 14, Out(target, moved, 0))

    yield from cached_attention_cases(random)


def cached_attention_cases(random):
    """cached_attention.cu: two heads that share keys, of ten columns; three rows of two texts, whose pages lie apart."""
    double = np.float64
    size, window, scale, parts = 10, 100, 0.3, 2
    texts, positions = np.array([0, 0, 1], np.int32), np.array([70, 130, 5], np.int32)
    tables = np.array([[3, 0, 2], [1, -1, -1]], np.int32)
    keys, values, queries = normal(random, 256, size), normal(random, 256, size), normal(random, 3, 2 * size)
    places, fresh = np.array([7, 256, 200], np.int32), normal(random, 3, size)
    after = [keys.copy(), values.copy()]
    for row, place in ((0, 7), (2, 200)):
        after[0][place], after[1][place] = fresh[row], 2 * fresh[row]
    yield Case("cached_attention", "keep_rows", (1, 2), 32, 0, fresh, size, 2 * fresh, size, places, 256, Out(keys, after[0], 0), size,
               Out(values, after[1], 0), size, 3, size)
    sums = np.full((3, 2, parts, size + 2), np.nan)
    out = np.zeros((3, 2 * size))
    for row in range(3):
        for head in range(2):
            first = max(0, positions[row] - window + 1)
            seen = np.arange(first, positions[row] + 1)
            at = tables[texts[row]][seen // 64] * 64 + seen % 64
            scores = scale * (keys[at].astype(double) @ queries[row, head * size:(head + 1) * size])
            for part in range(parts):
                mine = seen // 128 == part
                if mine.any():
                    most = scores[mine].max()
                    weights = np.exp(scores[mine] - most)
                    sums[row, head, part] = np.concatenate([weights @ values[at[mine]], [most, weights.sum()]])
            weights = np.exp(scores - scores.max())
            out[row, head * size:(head + 1) * size] = weights @ values[at] / weights.sum()
    loose = 1e-4
    yield Case("cached_attention", "cached_attention", (parts, 3), 128, 8 * 128 * 4, queries, 2 * size, keys, size, values, size, texts,
               positions, tables, 3, 4, Out(np.full(sums.shape, np.nan, np.float32), sums, loose), parts, 3, 2, 2, size, window, scale)
    yield Case("cached_attention", "join_parts", (1, 2), 32, 0, sums.astype(np.float32), parts, positions,
               Out(np.full(out.shape, np.nan, np.float32), out, loose), 2 * size, 3, 2 * size, size, window)


def windows(image, kernel, step, pad, fill):
    """[batch, channels, out_h, out_w, kernel, kernel] of [batch, channels, height, width]."""
    padded = np.pad(image.astype(np.float64), ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    return view[:, :, ::step, ::step]


def image_cases(random):
    """convolution.cu and pooling.cu: 3 x 3, step 2, a border of one, channels first. resampling.cu: blocks of 2 x 3."""
    batch, channels, height, width = 2, 3, 7, 8
    kernel, step, pad, multiplier = 3, 2, 1, 2
    image = normal(random, batch, channels, height, width)
    strides = (channels * height * width, height * width, width, 1)
    seen = windows(image, kernel, step, pad, 0)
    out_h, out_w = seen.shape[2:4]
    sizes = (batch, channels, height, width, out_h, out_w, kernel, kernel, step, step, pad, pad, 1, 1)
    patches = seen.transpose(0, 2, 3, 1, 4, 5).reshape(batch * out_h * out_w, -1)
    taps_first = seen.transpose(0, 2, 3, 4, 5, 1).reshape(batch * out_h * out_w, -1)
    for which, expected in enumerate([patches, taps_first]):
        yield Case("convolution", "image_to_patches", linear(patches.size), 256, 0, image, *strides,
                   Out(np.full(patches.shape, np.nan, np.float32), expected, 0), which, *sizes)
    weights = normal(random, kernel, kernel, channels, multiplier)
    bias = normal(random, channels * multiplier)
    sums = np.einsum("bcyxij,ijcm->bcmyx", seen, weights.astype(np.float64)).reshape(batch, channels * multiplier, out_h, out_w)
    sums += bias[None, :, None, None]
    out_strides = (channels * multiplier * out_h * out_w, out_h * out_w, out_w, 1)
    yield Case("convolution", "depthwise", linear(sums.size), 256, 0, image, *strides, weights, bias,
               Out(np.full(sums.shape, np.nan, np.float32), np.maximum(sums, 0), 64 * UNIT * 16), *out_strides, multiplier, RELU, 0.0,
               *sizes)
    most = windows(image, kernel, step, pad, -np.inf).max(axis=(4, 5))
    pooled = (channels * out_h * out_w, out_h * out_w, out_w, 1)
    flat = windows(image, kernel, step, pad, -np.inf).reshape(batch, channels, out_h, out_w, -1).argmax(axis=4)
    y = np.arange(out_h)[:, None] * step - pad + flat // kernel
    x = np.arange(out_w)[None, :] * step - pad + flat % kernel
    places = (y * width + x).transpose(0, 2, 3, 1)
    yield Case("pooling", "max_pool", linear(most.size), 256, 0, image, *strides,
               Out(np.full(most.shape, np.nan, np.float32), most, 0), *pooled,
               Out(np.full(places.shape, -7, np.int32), places, 0.5), *sizes)
    inside = windows(np.ones_like(image), kernel, step, pad, 0).sum(axis=(4, 5))
    yield Case("pooling", "average_pool", linear(most.size), 256, 0, image, *strides,
               Out(np.full(most.shape, np.nan, np.float32), seen.sum(axis=(4, 5)) / inside, 32 * UNIT), *pooled, 0, *sizes)
    up_y, up_x = 2, 3
    large = image.repeat(up_y, axis=2).repeat(up_x, axis=3)
    large_strides = (channels * height * up_y * width * up_x, height * up_y * width * up_x, width * up_x, 1)
    blocks = (batch, channels, height, width, up_y, up_x)
    yield Case("resampling", "upsample", linear(large.size), 256, 0, image, *strides,
               Out(np.full(large.shape, np.nan, np.float32), large, 0), *large_strides, *blocks)
    upstream = normal(random, *large.shape)
    gathered = upstream.astype(np.float64).reshape(batch, channels, height, up_y, width, up_x).sum(axis=(3, 5))
    yield Case("resampling", "upsample_gradient", linear(image.size), 256, 0,
               Out(np.full(image.shape, np.nan, np.float32), gathered, 64 * UNIT), *strides, upstream, *large_strides, *blocks)
    # a row less above, one more on the left: cropping and zero padding at once
    moved = np.zeros((batch, channels, height - 2, width + 1), np.float32)
    moved[:, :, :, 1:] = image[:, :, 1:height - 1, :]
    moved_strides = (channels * (height - 2) * (width + 1), (height - 2) * (width + 1), width + 1, 1)
    yield Case("resampling", "crop", linear(moved.size), 256, 0, image, *strides,
               Out(np.full(moved.shape, np.nan, np.float32), moved, 0), *moved_strides, batch, channels, height, width,
               height - 2, width + 1, 1, -1)


def turned(x, positions, angles, back):
    """Heads of x, halves of each turned by the angles of the positions; NaN where a position has none."""
    known = positions < len(angles)
    angle = np.where(known[:, None], (-1 if back else 1) * angles[np.where(known, positions, 0)], np.nan)[:, None, :]
    heads = x.astype(np.float64).reshape(len(x), -1, 2, angles.shape[1])
    first, second = heads[:, :, 0], heads[:, :, 1]
    pair = [first * np.cos(angle) - second * np.sin(angle), second * np.cos(angle) + first * np.sin(angle)]
    return np.stack(pair, axis=2).reshape(x.shape)


def attended(q, k, v, upstream, starts, heads, group, size, causal, window):
    """Attention within each example, plainly: out, log sums, deltas, dq, dk, dv. Zeros behind the last example."""
    out, dq, dk, dv = (np.zeros(m.shape) for m in (q, q, k, v))
    logs, deltas = np.zeros((len(q), heads)), np.zeros((len(q), heads))
    for start, end in zip(starts[:-1], starts[1:]):
        behind = np.arange(end - start)[:, None] - np.arange(end - start)
        hidden = (behind < 0) | (behind >= window) if causal else np.zeros(behind.shape, bool)
        for head in range(heads if end > start else 0):
            own = (slice(start, end), slice(head * size, (head + 1) * size))
            of_keys = (own[0], slice(head // group * size, (head // group + 1) * size))
            one, two, three, d = (m.astype(np.float64) for m in (q[own], k[of_keys], v[of_keys], upstream[own]))
            scores = np.where(hidden, -np.inf, one @ two.T / math.sqrt(size))
            logs[own[0], head] = np.log(np.exp(scores).sum(axis=1))
            p = np.exp(scores - logs[own[0], head][:, None])
            out[own] = p @ three
            deltas[own[0], head] = (d * out[own]).sum(axis=1)
            ds = p * (d @ three.T - deltas[own[0], head][:, None]) / math.sqrt(size)
            dq[own] = ds @ two
            dk[of_keys] += ds.T @ one
            dv[of_keys] += p.T @ d
    return out, logs, deltas, dq, dk, dv


# source, threads of a block, columns of a block of gradients of keys, bytes of shared memory, what a factor is rounded by
ATTENTIONS = (
    ("row_attention", 256, 128, 2 * 64 * 68 * 4, 0),
    ("row_attention_tf32", 128, 64, 64 * (2 * 36 + 3 * 36) * 4, 2.0**-11),
    ("row_attention_bf16", 128, 64, 64 * (2 * 36 + 6 * 20) * 4, 2.0**-8),
)


LEVELS = np.array([-1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.091050036, 0, 0.0795803, 0.1609302, 0.2461123,
                   0.33791524, 0.44070983, 0.562617, 0.72295684, 1], dtype=np.float32)


def in_words(codes, bits):
    """Codes of blocks of 64, from the lowest bits of their words on."""
    each = 32 // bits
    shifted = codes.astype(np.uint32).reshape(-1, each) << (bits * np.arange(each, dtype=np.uint32))
    return np.bitwise_or.reduce(shifted, axis=1).view(np.int32)


def storage_cases(random):
    """storage.cu: frozen numbers in few bits, to the byte."""
    rows, width = 5, 64
    weights = normal(random, rows, width)
    blocks = weights.reshape(-1, 64)
    largest = np.abs(blocks).max(axis=1)
    nothing, part, some = np.zeros(1, np.int32), (width, 1, 3, 8, 48), (slice(1, 4), slice(8, 56))
    whole = (2, 1), 256, 64

    def encoded(storage, bits, codes, scales, kept):
        words = in_words(codes, bits)
        yield Case("storage", "encode_" + storage, *whole[:2], 0, weights, Out(np.full_like(words, -7), words, 0.5),
                   Out(np.full_like(scales, np.nan), scales, 0), Out(nothing, nothing, 0.5), weights.size)
        values = kept.reshape(rows, width)[some]
        yield Case("storage", "decode_" + storage, *whole, words, scales, Out(np.full_like(values, np.nan), values, 0), *part)
        yield Case("storage", "decode_" + storage + "_rounded", *whole, words, scales,
                   Out(np.zeros(values.shape, np.uint16), to_bfloat16(values), 0), *part)

    steps = np.rint(blocks * (127.0 / largest.astype(np.float64))[:, None]).astype(np.int32)
    scales = (largest.astype(np.float64) / 127).astype(np.float32)
    yield from encoded("int8", 8, steps & 0xFF, scales, scales[:, None] * steps.astype(np.float32))
    middles = ((LEVELS[:-1].astype(np.float64) + LEVELS[1:]) / 2).astype(np.float32)
    codes = ((blocks / largest[:, None])[:, :, None] > middles).sum(axis=2)
    yield from encoded("nf4", 4, codes, largest, largest[:, None] * LEVELS[codes])

    halves = to_bfloat16(weights)
    yield Case("storage", "encode_bf16", *whole[:2], 0, weights, Out(np.zeros_like(halves), halves, 0), Out(nothing, nothing, 0.5),
               weights.size)
    values = from_bfloat16(halves)[some]
    yield Case("storage", "decode_bf16", *whole, halves, Out(np.full_like(values, np.nan), values, 0), *part)
    yield Case("storage", "round_bf16", *whole[:2], 0, weights, Out(np.zeros_like(halves), halves, 0), weights.size)


def kept_cases(random):
    """cached_attention.cu: two texts in pages that lie anywhere, one row each; the first one sees parts of two parts, the other a few."""
    heads, group, size, window, page, part = 6, 3, 5, 90, 64, 128
    pages, texts = 6, np.array([1, 0], np.int32)
    positions, tables = np.array([200, 5], np.int32), np.array([[4, 0, 0, 0], [3, 5, 1, 2]], np.int32)
    width, narrow, rows, parts = heads * size, heads // group * size, 2, 2
    kept = normal(random, pages * page, narrow), normal(random, pages * page, narrow)
    fresh = normal(random, rows, narrow), normal(random, rows, narrow)
    places = tables[texts, positions // page] * page + positions % page
    written = [every.astype(np.float64) for every in kept]
    for every, new in zip(written, fresh):
        every[places] = new
    yield Case("cached_attention", "keep_rows", (1, rows), 32, 0, fresh[0], narrow, fresh[1], narrow, places.astype(np.int32),
               pages * page, Out(kept[0], written[0], 0), narrow, Out(kept[1], written[1], 0), narrow, rows, narrow)
    queries, scale = normal(random, rows, width), 1 / np.sqrt(size)
    keys, values = (every.astype(np.float32) for every in written)
    before = np.zeros((rows, heads, parts, size + 2), np.float32)
    sums, out = before.astype(np.float64), np.zeros((rows, width))
    for row in range(rows):
        seen = np.arange(max(0, positions[row] - window + 1), positions[row] + 1)
        at = tables[texts[row], seen // page] * page + seen % page
        for head in range(heads):
            mine, theirs = slice(head * size, (head + 1) * size), slice(head // group * size, (head // group + 1) * size)
            scores = scale * (keys[at, theirs].astype(np.float64) @ queries[row, mine])
            for number in range(parts):
                here = seen // part == number
                if here.any():
                    most = scores[here].max()
                    weights = np.exp(scores[here] - most)
                    sums[row, head, number] = [*(weights @ values[at[here], theirs]), most, weights.sum()]
            weights = np.exp(scores - scores.max())
            out[row, mine] = weights @ values[at, theirs] / weights.sum()
    off = 1e-5 * (1 + np.abs(sums).max())
    yield Case("cached_attention", "cached_attention", (parts * (heads // group), rows), 128, 8 * part * 4, queries, width, keys, narrow,
               values, narrow, texts, positions, tables, tables.shape[1], pages, Out(before, sums, off), parts, rows, heads, group, size,
               window, float(scale))
    yield Case("cached_attention", "join_parts", (1, rows), 32, 0, sums.astype(np.float32), parts, positions,
               Out(np.full((rows, width), np.nan, np.float32), out, 1e-5), width, rows, width, size, window)


def attention_cases(random):
    """Examples longer than a tile, short ones, one without rows, and rows behind them that hold NaN."""
    starts, rows = np.array([0, 70, 70, 199, 202], dtype=np.int32), 207
    for heads, group, size, causal, window in ((4, 2, 72, 1, 66), (1, 1, 130, 0, 2**31 - 1)):
        width, key_width = heads * size, heads // group * size
        q, upstream = normal(random, rows, width), normal(random, rows, width)
        k, v = normal(random, rows, key_width), normal(random, rows, key_width)
        for matrix in (q, k, v, upstream):
            matrix[starts[-1]:] = np.nan
        out, logs, deltas, dq, dk, dv = attended(q, k, v, upstream, starts, heads, group, size, causal, window)
        fresh = [np.full(m.shape, np.nan, np.float32) for m in (q, k, logs)]
        inputs = (q, width, k, key_width, v, key_width, starts)
        shape = (rows, len(starts) - 1, heads, group, size, causal, window, 1 / math.sqrt(size))
        parts, tiles = (size + 127) // 128, rows // 64 + len(starts)
        expected = deltas.copy()
        expected[starts[-1]:] = np.nan
        known = (upstream, width, logs.astype(np.float32), deltas.astype(np.float32))
        for source, block, key_columns, shared, rounding in ATTENTIONS:
            # products of `size` terms go into exponents, sums over at most 129 keys follow;
            # scores are some units, and so are the terms of their sums, whose factors are rounded twice; gradients are greater
            off = (size + 129) * 2 * UNIT + 8 * rounding
            key_parts = (size + key_columns - 1) // key_columns
            yield Case(source, "attention", (tiles, heads * parts), block, shared, *inputs, Out(fresh[0], out, off), width,
                       Out(fresh[2], logs, off), *shape)
            yield Case(source, "attention_deltas", (3, 1), 256, 0, upstream, width, out.astype(np.float32), width, starts,
                       Out(fresh[2], expected, (size + 129) * 8 * UNIT), len(starts) - 1, heads, size)
            yield Case(source, "attention_query_gradient", (tiles, heads * parts), block, shared, *inputs, *known,
                       Out(fresh[0], dq, off * 4), width, *shape)
            yield Case(source, "attention_key_gradient", (tiles, heads // group * key_parts), block, shared, *inputs, *known,
                       Out(fresh[1], dk, off * 8 * group), key_width, Out(fresh[1], dv, off * 8 * group), key_width, *shape)


def try_kernels(findings, machine, all_sources):
    by_name = {source.name: source for source in all_sources}
    results, launched = [], set()
    for case in cases():
        if case.source not in by_name:
            continue  # the card is too old for it
        where = "%s.cu, %s" % (case.source, case.kernel)
        launched.add(case.source)
        try:
            off = run_case(machine, by_name[case.source], case)
            results.append({"source": case.source, "kernel": case.kernel, "errorOfAllowed": round(off, 4) if off < 1e9 else "far"})
            if not off <= 1:
                findings.failed("%s is off by %g times what rounding explains" % (where, off))
        except Failure as refused:
            findings.failed("%s: %s" % (where, refused))
    for name in sorted(set(by_name) - launched):
        findings.failed("no kernel of %s.cu was launched: card.py must know every source" % name)
    findings.put("kernels", results)
    print("Kernels: %d launches of %d sources against numpy." % (len(results), len(launched)))


# ------------------------------------------------------------------------------------------------------------------ cuBLAS

LAYOUTS = {"TN": (1, 0), "NN": (0, 0), "NT": (0, 1)}
# storage, compute type, mantissa bits kept of the factors
PRECISIONS = {
    "fp32": ("float", 68, None),
    "tf32": ("float", 77, 10),
    "bf16": ("float", 75, 7),
    "bf16 stored": ("bfloat16", 68, 7),
}
TYPES = {"float": 0, "bfloat16": 14}


def to_bfloat16(array):
    """The upper halves, to nearest even, as unsigned 16 bits."""
    bits = array.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bfloat16(halves):
    return (halves.astype(np.uint32) << 16).view(np.float32)


class Blas:
    """cuBLAS on a card's stream, with the calls that amend4j makes."""

    WORKSPACE = 32 << 20

    def __init__(self, named, card):
        self.card = card
        load(named, "libcublasLt.so.13", "libcublasLt.so.12")
        self.library = load(named, "libcublas.so.13", "libcublas.so.12")
        if self.library is None:
            raise Failure("there is no libcublas.so.13, which comes with CUDA 13")
        self.library.cublasGetStatusString.restype = ctypes.c_char_p
        self.handle = ctypes.c_void_p()
        self.check(self.library.cublasCreate_v2(ctypes.byref(self.handle)), "cublasCreate")
        self.workspace = card.allocate(self.WORKSPACE)
        self.check(self.library.cublasSetStream_v2(self.handle, card.stream), "cublasSetStream")
        self.check(
            self.library.cublasSetWorkspace_v2(self.handle, ctypes.c_void_p(self.workspace), ctypes.c_size_t(self.WORKSPACE)),
            "cublasSetWorkspace",
        )

    def check(self, status, what):
        if status != 0:
            raise Failure("%s: %s (%d)" % (what, self.library.cublasGetStatusString(status).decode(), status))

    def multiply(self, layout, precision, sizes, a, b, c):
        """C = op(A) op(B), by columns, without gaps: [m, k] times [k, n]."""
        m, n, k = sizes
        transposed_a, transposed_b = LAYOUTS[layout]
        storage, compute, _ = PRECISIONS[precision]
        one, zero = ctypes.c_float(1), ctypes.c_float(0)
        self.check(
            self.library.cublasGemmEx(
                self.handle, transposed_a, transposed_b, m, n, k, ctypes.byref(one),
                ctypes.c_void_p(a), TYPES[storage], k if transposed_a else m,
                ctypes.c_void_p(b), TYPES[storage], n if transposed_b else k,
                ctypes.byref(zero), ctypes.c_void_p(c), TYPES["float"], m, compute, -1,
            ),
            "cublasGemmEx %s %s %s" % (layout, precision, sizes),
        )

    def close(self):
        self.check(self.library.cublasDestroy_v2(self.handle), "cublasDestroy")
        self.card.free(self.workspace)


def factors(random, layout, precision, sizes):
    """A and B by columns as cuBLAS gets them, and as matrices [m, k], [k, n] of what is stored."""
    m, n, k = sizes
    matrices = [normal(random, m, k), normal(random, k, n)]
    stored = []
    for i, transposed in enumerate(LAYOUTS[layout]):
        # by columns, a matrix lies as its transpose by rows
        memory = np.ascontiguousarray(matrices[i] if transposed else matrices[i].T)
        if PRECISIONS[precision][0] == "bfloat16":
            memory = to_bfloat16(memory)
            matrices[i] = from_bfloat16(to_bfloat16(matrices[i]))
        stored.append(memory)
    return stored, matrices


def plain_product(layout, sizes, a, b):
    """What cublasGemmEx is documented to do, entry by entry from memory: for the dry run, against the matrices."""
    m, n, k = sizes
    transposed_a, transposed_b = LAYOUTS[layout]
    a, b = a.ravel(), b.ravel()
    lead_a, lead_b = (k if transposed_a else m), (n if transposed_b else k)
    i, j, l = np.arange(m)[:, None, None], np.arange(n)[None, :, None], np.arange(k)[None, None, :]
    left = a[(l + i * lead_a) if transposed_a else (i + l * lead_a)].astype(np.float64)
    right = b[(j + l * lead_b) if transposed_b else (l + j * lead_b)].astype(np.float64)
    return (left * right).sum(axis=2)


def allowed(precision, k, left, right):
    """k + 4 roundings of single precision; factors cut off to the bits that are kept, if they are."""
    storage, _, bits = PRECISIONS[precision]
    rounding = 0 if bits is None or storage == "bfloat16" else 2.01 * 2.0**-bits
    return ((k + 4) * UNIT + rounding) * (np.abs(left).astype(np.float64) @ np.abs(right).astype(np.float64))


def try_products(findings, blas, card, quick):
    random = np.random.default_rng(11)
    sizes = (48, 40, 56)
    timed = [96] if quick else [4096, 8192]
    results = []
    for precision in PRECISIONS:
        for layout in LAYOUTS:
            what = "cuBLAS %s %s" % (layout, precision)
            try:
                off = product_error(blas, card, random, layout, precision, sizes)
                result = {"layout": layout, "precision": precision, "errorOfAllowed": round(off, 4), "gigaflops": {}}
                results.append(result)
                if not off <= 1:
                    findings.failed("%s is off by %g times what rounding explains" % (what, off))
                for size in timed:
                    result["gigaflops"][str(size)] = round(product_rate(blas, card, random, layout, precision, size, quick), 1)
            except Failure as refused:
                findings.failed("%s: %s" % (what, refused))
            findings.put("products", results)
    print("cuBLAS: %d of %d layouts and precisions against numpy." % (len(results), len(PRECISIONS) * len(LAYOUTS)))


def product_error(blas, card, random, layout, precision, sizes):
    m, n, k = sizes
    (a, b), (left, right) = factors(random, layout, precision, sizes)
    c = np.full((n, m), np.nan, np.float32)
    addresses = [card.put(one) for one in (a, b, c)]
    try:
        blas.multiply(layout, precision, sizes, *addresses)
        got = card.get(addresses[2], c).T
    finally:
        for address in addresses:
            card.free(address)
    return error(Out(got, left.astype(np.float64) @ right, allowed(precision, k, left, right)), got)


def product_rate(blas, card, random, layout, precision, size, quick):
    """GFLOP/s, the median of rounds of a few products."""
    a = normal(random, size, size)
    if PRECISIONS[precision][0] == "bfloat16":
        a = to_bfloat16(a)
    addresses = [card.put(a), card.put(a), card.put(np.zeros((size, size), np.float32))]
    try:
        work = lambda: blas.multiply(layout, precision, (size, size, size), *addresses)
        once = card.milliseconds(work, 3)
        times = 1 if quick else max(3, int(100 / max(once, 1e-3)))
        median = statistics.median(card.milliseconds(work, times) for _ in range(3 if quick else 7))
        return 2.0 * size**3 / max(median, 1e-6) / 1e6
    finally:
        for address in addresses:
            card.free(address)


def check_references(findings):
    """Without a card: the layouts that are said to be cuBLAS's, entry by entry, against the product of the matrices."""
    random = np.random.default_rng(11)
    for layout in LAYOUTS:
        for precision in PRECISIONS:
            (a, b), (left, right) = factors(random, layout, precision, (6, 5, 7))
            if a.dtype == np.uint16:
                a, b = from_bfloat16(a), from_bfloat16(b)
            off = np.max(np.abs(plain_product(layout, (6, 5, 7), a, b) - left.astype(np.float64) @ right))
            if not off <= 1e-12:
                findings.failed("the reference of %s %s is off by %g" % (layout, precision, off))
    print("References of products: 3 layouts, 4 precisions.")


# ------------------------------------------------------------------------------------------------------------- assumptions

# What predictions take for granted, and data sheets of cards. As Assumptions.java and Card.java have them, which CardLookTest sees to.
# Shares of what the data sheet says, and microseconds.
ASSUMED = {"largeProducts": 0.78, "skinnyProducts": 0.5, "kernels": 0.75, "arithmetic": 0.6, "launchMicroseconds": 2.0}
# TFLOP/s of products in FP32, TF32, BF16, GB/s of the memory, and what the driver calls such a card.
SHEETS = {
    "h100": ("H100 SXM5 80 GB", 67.0, 494.7, 989.4, 3350.0, "NVIDIA H100 80GB HBM3"),
    "h200": ("H200 SXM 141 GB", 67.0, 494.7, 989.4, 4800.0, "NVIDIA H200"),
    "a100": ("A100 SXM4 80 GB", 19.5, 156.0, 312.0, 2039.0, "NVIDIA A100-SXM4-80GB"),
    "rtx4090": ("GeForce RTX 4090", 82.6, 82.6, 165.2, 1008.0, "NVIDIA GeForce RTX 4090"),
}
# Those of PRECISIONS that a data sheet has a peak for.
PEAKS = {"fp32": 1, "tf32": 2, "bf16 stored": 3}
# Launches go through so many bytes before they come back to the first: nothing is left in a cache, as predictions have it. And the room
# that arrays may take for this.
BEYOND_CACHES, ROOM = 512 << 20, 2 << 30


class Timed:
    """A launch of the benchmark's step: the bytes that must move and the FLOPs, as predictions count them; case makes it, and its data."""

    def __init__(self, name, halves, moved, flops, case):
        self.name = name + (", bfloat16" if halves else "")
        self.halves, self.moved, self.flops, self.case = halves, moved, flops, case


def rounded(floats, halves):
    """What is stored, and what it is."""
    stored = to_bfloat16(floats) if halves else floats
    return stored, (from_bfloat16(stored) if halves else floats).astype(np.float64)


def low_rank_kernels(rows, columns, rank, halves):
    """As LowRankKernels and CudaLowRank launch them for up to 16 ranks. Rows are parts of longer ones, as in plans."""
    size, stride, tiles = 2 if halves else 4, columns + rank, -(-columns // 256)
    chunk = 256 if rows >= 1024 else 64
    chunks = -(-rows // chunk)
    together = min(chunk, max(16, 2**14 // 16 // tiles // 16 * 16))
    counters = rows // chunk * -(-chunk // together) + -(-(rows % chunk) // together)
    strip, of_low, of_outer = 16 * 260, 16 * 16, (256 + 8 * 16) * 16 + 1
    grid, sizes = (tiles, chunks), (rows, columns, rank, chunk)
    random = np.random.default_rng(12)

    def rows_and(*shape):
        stored, d = rounded(normal(random, rows, columns), halves)
        lying = np.zeros((rows, stride), stored.dtype)
        lying[:, :columns] = stored
        return lying, d, *rounded(normal(random, *shape), halves)

    def to_outer(d, up):
        parts = np.stack([d[:, i:i + 256] @ up[:, i:i + 256].T for i in range(0, columns, 256)])
        off, outer = (columns + 2) * UNIT * (np.abs(d) @ np.abs(up).T), 0.5 * parts.sum(axis=0)
        none = np.zeros(counters, np.int32)
        return (Out(np.full(parts.shape, np.nan, np.float32), parts, off), Out(none, none, 0), together,
                Out(rounded(np.zeros((rows, rank), np.float32), halves)[0], outer, off + halves * 2.0**-8 * np.abs(outer)), rank, 0.5)

    def to_gradient(d, low, turned):
        sums, sizes_of = (np.stack([a[i:i + chunk].T @ b[i:i + chunk] for i in range(0, rows, chunk)])
                          for a, b in ((d, low), (np.abs(d), np.abs(low))))
        axes = (0, 2, 1) if turned else (0, 1, 2)
        left = normal(random, chunks, columns * rank)
        sums, off = sums.transpose(axes), (chunk + 2) * UNIT * sizes_of.transpose(axes)
        added, off_added = left.sum(axis=0, dtype=np.float64), chunks * UNIT * np.abs(left).sum(axis=0)
        return (Out(np.full(sums.shape, np.nan, np.float32), sums, off), left, chunks, columns * rank,
                Out(np.full(columns * rank, np.nan, np.float32), added, off_added))

    def projection():
        lying, d, stored, up = rows_and(rank, columns)
        return Case("low_rank", "low_rank_projection", grid, 256, (strip + of_outer) * 4, lying, stride, stored, columns, *to_outer(d, up),
                    *sizes)

    def gradients():
        lying, d, stored, up = rows_and(rank, columns)
        stored_low, low = rounded(normal(random, rows, rank), halves)
        return Case("low_rank", "low_rank_gradients", grid, 256, (strip + of_low + of_outer) * 4, lying, stride, stored, columns,
                    stored_low, rank, *to_outer(d, up), *to_gradient(d, low, False), *sizes)

    def gradient():
        lying, d, stored, low = rows_and(rows, rank)
        return Case("low_rank", "low_rank_gradient", grid, 256, (strip + of_low) * 4, lying, stride, stored, rank,
                    *to_gradient(d, low, True), *sizes)

    of_outer_moved = size * (rows + columns) * rank + 8 * (tiles * rows * rank + counters)
    of_gradient_moved = size * rows * rank + 4 * (2 * chunks + 1) * columns * rank
    product = 2.0 * rows * columns * rank
    return [Timed("low_rank_projection", halves, size * rows * columns + of_outer_moved, product, projection),
            Timed("low_rank_gradients", halves, size * rows * columns + of_outer_moved + of_gradient_moved, 2 * product, gradients),
            Timed("low_rank_gradient", halves, size * rows * columns + of_gradient_moved, product, gradient)]


def moving_kernels(rows, columns, rank, halves, layers=4, classes=10):
    """A batch with its labels, and the adapters of all layers beside their weights, of which only the places are here: B in columns,
    A in rows, B turned. Columns: a multiple of 256."""
    size, random = 2 if halves else 4, np.random.default_rng(13)

    def gathered():
        (stored, table), second = rounded(normal(random, rows, columns), halves), normal(random, rows, classes)
        tokens = random.permutation(rows).astype(np.int32)
        to = np.zeros((rows, columns + rank), stored.dtype)
        after = np.zeros(to.shape)
        after[:, :columns] = table[tokens]
        return Case("embedding", "gather_pair", (columns // 256, min(4096, -(-rows // 4))), 256, 0, stored, columns, second, classes, rows,
                    tokens, Out(to, after, 0), columns + rank, Out(np.zeros((rows, classes), np.float32), second[tokens], 0), classes, rows,
                    columns, classes)

    number, stride = rank * columns, columns + layers * rank
    beside = (columns + layers * rank) * stride

    def copied():
        parameters = normal(random, layers, 2, number)
        _, kept = rounded(parameters, halves)
        after, table = np.zeros(beside + layers * number), []
        weights, turned = after[:beside].reshape(-1, stride), after[beside:].reshape(layers, rank, columns)
        for layer in range(layers):
            at, a, b = layer * rank, kept[layer, 0].reshape(rank, columns), kept[layer, 1].reshape(columns, rank)
            weights[columns + at:columns + at + rank, :columns], weights[:columns, columns + at:columns + at + rank] = a, b
            turned[layer] = b.T
            from_b = (2 * layer + 1) * number
            for piece in ((2 * layer * number, 0, rank, columns, (columns + at) * stride, 0, stride, 0),
                          (from_b, 0, columns, rank, columns + at, 0, stride, 0),
                          (from_b, 0, columns, rank, beside + layer * number, 0, columns, 1)):
                table.append((len(table) * number, *piece))
        to = rounded(np.zeros(after.shape, np.float32), halves)[0]
        return Case("pieces", "copy_pieces", linear(3 * layers * number), 256, 0, parameters, np.array(table, np.int32), 3 * layers,
                    3 * layers * number, Out(to, after, 0))

    return [Timed("gather_pair", halves, 2 * size * rows * columns + 8 * rows * classes + 4 * rows, 0.0, gathered),
            Timed("copy_pieces", halves, 3 * layers * (number * (4 + size) + 4 * 9), 0.0, copied)]


def adam_kernel(columns, rank, layers=4, classes=10):
    """Of the parameters of all adapters and of the output layer."""
    count = 2 * layers * rank * columns + (columns + 1) * classes

    def stepped():
        random = np.random.default_rng(14)
        p, g, m = (normal(random, count) for _ in range(3))
        v = 0.01 + np.abs(normal(random, count))
        first = 0.9 * m.astype(np.float64) + 0.1 * g
        second = 0.999 * v.astype(np.float64) + 0.001 * g.astype(np.float64) ** 2
        moved = p - 0.01 * first / (np.sqrt(second) + 1e-8)
        few = 16 * UNIT
        return Case("optimizer", "adam", linear(count), 256, 0, Out(p, moved, few * (1 + np.abs(p))), g,
                    Out(m, first, few * (1 + np.abs(first))), Out(v, second, few * (1 + second)), 1.0, np.array([0.01, 1], np.float32), 1.0,
                    0.9, 0.1, 0.999, 0.001, 1e-8, count)

    return Timed("adam", False, 4 * 7 * count + 8, 0.0, stepped)


def step_kernels(rows, columns, rank):
    """Those of a step of the benchmark that move much."""
    both = [make(rows, columns, rank, halves) for halves in (False, True) for make in (low_rank_kernels, moving_kernels)]
    return sum(both, []) + [adam_kernel(columns, rank)]


def empty_case():
    """A launch that does next to nothing."""
    return Case("dropout", "set_key", (1, 1), 32, 0, Out(np.zeros(2, np.int32), np.array([5, -7], np.int32), 0), 5, -7)


class Skinny:
    """x A' or Q' x of matrices that lie by rows: x [rows, columns], A [rank, columns], Q [rows, rank]."""

    def __init__(self, name, precision, rows, columns, rank):
        self.name, self.precision = "%s, %s" % (name, precision), precision
        self.forward = name == "x A'"
        self.layout, self.sizes = ("TN", (rank, rows, columns)) if self.forward else ("NT", (columns, rank, rows))
        size = 2 if PRECISIONS[precision][0] == "bfloat16" else 4
        m, n, k = self.sizes
        self.moved, self.flops = size * (m * k + k * n) + 4 * m * n, 2.0 * m * n * k
        self.x, self.small = (rows, columns), (rank, columns) if self.forward else (rows, rank)

    def data(self, random):
        """What cuBLAS gets, C among it, and the product, by rows as C lies, with what it may be off."""
        halves = PRECISIONS[self.precision][0] == "bfloat16"
        (x, wide), (small, thin) = (rounded(normal(random, *shape), halves) for shape in (self.x, self.small))
        left, right = (wide, thin.T) if self.forward else (thin.T, wide)
        out = Out(np.full((left.shape[0], right.shape[1]), np.nan, np.float32), left @ right,
                  allowed(self.precision, self.sizes[2], left, right))
        return ((small, x) if self.forward else (x, small)), out


def skinny_products(rows, columns, rank):
    return [Skinny(name, precision, rows, columns, rank) for name in ("x A'", "Q' x") for precision in PEAKS]


def microseconds(card, launches, quick):
    """Of each of some launches, when a recording of all is replayed: the median of rounds."""
    for launch in launches:
        launch()  # so that whatever is loaded on first use is loaded
    card.finish()
    recorded = card.record(lambda: [launch() for launch in launches])
    try:
        replay = lambda: card.replay(recorded)
        once = card.milliseconds(replay, 1)
        times = 1 if quick else max(3, int(50 / max(once, 1e-3)))
        median = statistics.median(card.milliseconds(replay, times) for _ in range(3 if quick else 7))
        return 1e3 * median / len(launches)
    finally:
        card.forget(recorded)


def in_turn(card, moved, held, quick, launch_of):
    """Microseconds of a launch whose arrays take so many bytes, of which it moves some; launch_of makes one with arrays of its own."""
    addresses = []
    try:
        sets = 2 if quick else max(2, min(-(-BEYOND_CACHES // moved), ROOM // held))
        launches = [launch_of(addresses) for _ in range(sets)]
        return microseconds(card, launches * (1 if quick else -(-64 // sets)), quick)
    finally:
        for address in addresses:
            card.free(address)


def kernel_pace(card, source, case, moved, quick):
    arrays = [a.before if isinstance(a, Out) else a for a in case.arguments if isinstance(a, (np.ndarray, Out))]

    def launch_of(addresses):
        slots, kept, _ = place(card, source, case, addresses)
        return lambda: (card.launch(source, case.kernel, case.grid, case.block, case.shared, slots), kept)

    return in_turn(card, moved, sum(array.nbytes for array in arrays), quick, launch_of)


def skinny_pace(blas, card, product, quick):
    """Its pace, after a look whether the product is right; and how far off that is, of what it may be."""
    (a, b), out = product.data(np.random.default_rng(15))

    def launch_of(addresses):
        own = [card.put(one) for one in (a, b, out.before)]
        addresses.extend(own)
        return lambda: blas.multiply(product.layout, product.precision, product.sizes, *own)

    addresses = []
    try:
        launch_of(addresses)()
        off = error(out, card.get(addresses[2], out.before))
    finally:
        for address in addresses:
            card.free(address)
    return in_turn(card, product.moved, product.moved, quick, launch_of), off


def copy_pace(card, size, quick):
    """GB/s that are read and written when the card copies within its memory."""
    addresses = []
    try:
        for _ in range(2):
            addresses.append(card.put(np.zeros(size // 4, np.float32)))
        return 2e-3 * size / max(microseconds(card, [lambda: card.copy_within(*addresses, size)] * 4, quick), 1e-3)
    finally:
        for address in addresses:
            card.free(address)


class Assumptions:
    """The section of what predictions take for granted: each with what was measured, and all measurements that speak for it."""

    def __init__(self, findings, on_card, quick, sheet):
        self.findings, self.sheet, self.on_card = findings, SHEETS.get(sheet), on_card
        self.rows, self.columns, self.rank = (96, 512, 16) if quick else (4096, 4096, 16)
        self.state = "measured" if not quick else "measured at small sizes: for a look, not for quoting"
        if not on_card:
            self.state = "not measured: there was no card"
        self.launch = self.copy = None
        self.timings = []

    def attempt(self, what, work):
        """One failing measurement does not cost the others."""
        try:
            work()
        except Failure as refused:
            self.findings.failed("%s: %s" % (what, refused))
        self.put()

    def right(self, what, off):
        if not off <= 1:
            self.findings.failed("%s at the step's size is off by %g times what rounding explains" % (what, off))

    def floors(self, moved, flops):
        """Microseconds for the bytes and for the arithmetic of a kernel by the data sheet."""
        return moved / self.sheet[4] / 1e3, flops / self.sheet[1] / 1e6

    def note(self, name, assumption, moved, flops, taken):
        """A kernel or a skinny product. Its share is that without the price of a launch, which predictions add, too."""
        entry = {"name": name, "assumption": assumption, "bytes": moved, "flops": flops}
        if taken is not None:
            entry.update(microseconds=round(taken, 3), gigabytesPerSecond=round(moved / max(taken, 1e-3) / 1e3, 1))
            if self.copy:
                entry["shareOfCopy"] = round(entry["gigabytesPerSecond"] / self.copy, 4)
            alone = taken - (ASSUMED["launchMicroseconds"] if self.launch is None else self.launch)
            if self.sheet:
                moving, computing = self.floors(moved, flops)
                if assumption == "kernels" and computing / ASSUMED["arithmetic"] > moving / ASSUMED["kernels"]:
                    entry["assumption"] = "arithmetic"
                if alone > 0:
                    entry["share"] = round((computing if entry["assumption"] == "arithmetic" else moving) / alone, 4)
        self.timings.append(entry)

    def note_large(self, products):
        """Those of the greatest size, which were timed before."""
        for product in products:
            rates, peak = product["gigaflops"], PEAKS.get(product["precision"])
            if not rates or peak is None:
                continue
            size = max(map(int, rates))
            entry = {"name": "%s, %s, %d" % (product["layout"], product["precision"], size), "assumption": "largeProducts",
                     "flops": 2.0 * size**3, "microseconds": round(2e-3 * size**3 / max(rates[str(size)], 1e-6), 3)}
            if self.sheet:
                entry["share"] = round(rates[str(size)] / 1e3 / self.sheet[peak], 4)
            self.timings.append(entry)

    def values(self):
        for name, assumed in ASSUMED.items():
            shares = sorted(t["share"] for t in self.timings if t["assumption"] == name and "share" in t)
            measured = round(statistics.median(shares), 4) if shares else None
            if name == "launchMicroseconds" and self.launch is not None:
                measured = round(self.launch, 3)
            value = {"name": name, "assumed": assumed, "measured": measured}
            if shares:
                value.update(least=shares[0], most=shares[-1])
            yield value

    def put(self):
        self.findings.put("assumptions", {
            "state": self.state,
            "rows": self.rows, "columns": self.columns, "rank": self.rank, "dataSheet": self.sheet[0] if self.sheet else None,
            "copyGigabytesPerSecond": round(self.copy, 1) if self.copy else None,
            "values": list(self.values()), "timings": self.timings})

    def table(self):
        if not self.on_card:
            return ["Assumptions: not measured. %d kernels of the benchmark's step launched at %d x %d."
                    % (len(self.timings), self.rows, self.columns)]
        lines = ["Assumptions %s, %d x %d, rank %d; %s:" % (
            self.state, self.rows, self.columns, self.rank,
            "shares of the data sheet of " + self.sheet[0] if self.sheet else "no data sheet for this card, --sheet names one")]
        if self.copy:
            lines.append("  %-34s %19.0f GB/s" % ("copy", self.copy))
        for t in self.timings:
            rate = "%6.0f GB/s" % t["gigabytesPerSecond"] if "gigabytesPerSecond" in t else ""
            rate += ", %4.2f of a copy's" % t["shareOfCopy"] if "shareOfCopy" in t else ""
            share = "%s %4.2f" % (t["assumption"], t["share"]) if "share" in t else ""
            lines.append(("  %-34s %9.1f us %-31s %s" % (t["name"], t["microseconds"], rate, share)).rstrip())
        for value in self.values():
            span = " (%.2f to %.2f)" % (value["least"], value["most"]) if "least" in value else ""
            measured = "nothing" if value["measured"] is None else "%.2f" % value["measured"] + span
            lines.append("  %-20s assumed %.2f, measured %s" % (value["name"], value["assumed"], measured))
        return lines


def try_assumptions(findings, machine, blas, all_sources, quick, sheet):
    """What a prediction of the benchmark's step takes for granted, at its sizes. Without a card kernels are launched, at small ones."""
    on_card = isinstance(machine, Card)
    found = Assumptions(findings, on_card, quick, sheet)
    by_name = {source.name: source for source in all_sources}

    def price():
        case = empty_case()
        source = by_name[case.source]
        found.right(case.kernel, run_case(machine, source, case))
        if on_card:
            addresses = []
            try:
                slots, kept, _ = place(machine, source, case, addresses)
                launch = lambda: machine.launch(source, case.kernel, case.grid, case.block, case.shared, slots)
                found.launch = microseconds(machine, [launch] * (16 if quick else 1000), quick)
                del kept
            finally:
                for address in addresses:
                    machine.free(address)

    def copies():
        found.copy = copy_pace(machine, 1 << 20 if quick else BEYOND_CACHES, quick)

    def multiply(product):
        pace, off = skinny_pace(blas, machine, product, quick)
        found.right(product.name, off)
        found.note(product.name, "skinnyProducts", product.moved, product.flops, pace)

    def launch(timed):
        case = timed.case()
        source = by_name[case.source].of_bfloat16() if timed.halves else by_name[case.source]
        found.right(timed.name, run_case(machine, source, case))
        pace = kernel_pace(machine, source, case, timed.moved, quick) if on_card else None
        found.note(timed.name, "kernels", timed.moved, timed.flops, pace)

    found.attempt("the price of a launch", price)
    if on_card:
        found.attempt("a copy", copies)
        found.note_large(findings.all.get("products", []))
    for product in skinny_products(found.rows, found.columns, found.rank):
        if blas is not None:
            found.attempt("cuBLAS %s" % product.name, lambda: multiply(product))
    for timed in step_kernels(found.rows, found.columns, found.rank):
        found.attempt(timed.name, lambda: launch(timed))
    print("\n".join(found.table()))


# ----------------------------------------------------------------------------------------------------------------- PyTorch


def adapted_layer(torch, base, rank):
    """An adapter as PEFT computes it: in its own type, added to the layer's result, scaled by alpha / r, alpha = 2 r."""

    class Adapted(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.base = base
            self.down = torch.nn.Linear(base.in_features, rank, bias=False, device=base.weight.device)
            self.up = torch.nn.Linear(rank, base.out_features, bias=False, device=base.weight.device)

        def forward(self, x):
            result = self.base(x)
            return (result + self.up(self.down(x.to(self.down.weight.dtype))) * 2.0).to(result.dtype)

    base.requires_grad_(False)
    return Adapted()


def adapted_network(torch, depth, width, rank, precision, device, peft):
    """Dense layers with ReLU and adapters, and an output layer of ten classes that trains in full."""
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    layers = []
    for _ in range(depth):
        layers += [torch.nn.Linear(width, width, device=device, dtype=kind), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(width, 10, device=device, dtype=kind))
    if peft is not None:
        config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0,
                                 target_modules=[str(2 * i) for i in range(depth)], modules_to_save=[str(2 * depth)])
        return peft.get_peft_model(network, config)
    for i in range(depth):
        network[2 * i] = adapted_layer(torch, network[2 * i], rank)
    return network


def step_milliseconds(torch, network, width, rows, precision, device, rounds):
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    x = torch.rand(rows, width, device=device, dtype=kind) * 2 - 1
    labels = torch.randint(0, 10, (rows,), device=device)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=1e-6)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None

    def steps(times):
        wait()
        start = time.perf_counter()
        for _ in range(times):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(network(x).float(), labels).backward()
            optimizer.step()
        wait()
        return 1e3 * (time.perf_counter() - start) / times

    once = max(steps(2), steps(1))
    times = max(1, min(500, int(200 / max(once, 1e-3))))
    return [steps(times) for _ in range(rounds)]


def try_torch(findings, on_card, quick):
    try:
        import torch
    except ImportError:
        findings.skipped("PyTorch is not installed here: nothing to compare with.")
        return
    try:
        import peft
    except ImportError:
        peft = None
    if on_card and not torch.cuda.is_available():
        findings.skipped("PyTorch %s is here and finds no card." % torch.__version__)
        return
    device = "cuda" if on_card else "cpu"
    depth, width, rank = (4, 4096, 16) if on_card and not quick else (2, 64, 4)
    adapters = "peft " + peft.__version__ if peft else "written in PyTorch as PEFT computes them; peft is not installed"
    facts = {"torch": torch.__version__, "cuda": torch.version.cuda, "adapters": adapters, "device": device, "steps": []}
    print("PyTorch %s on %s, adapters: %s." % (torch.__version__, device, adapters))
    for precision in ("fp32", "tf32", "bf16"):
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        for rows in (64, 256, 4096) if on_card and not quick else (16,):
            try:
                network = adapted_network(torch, depth, width, rank, precision, device, peft)
                rounds = step_milliseconds(torch, network, width, rows, precision, device, 9 if on_card else 2)
                facts["steps"].append({"depth": depth, "width": width, "rank": rank, "rows": rows, "precision": precision,
                                       "medianMilliseconds": statistics.median(rounds), "roundsMilliseconds": rounds})
            except RuntimeError as refused:
                findings.failed("PyTorch, %s, %d rows: %s" % (precision, rows, str(refused).splitlines()[0]))
            findings.put("torch", facts)


# -------------------------------------------------------------------------------------------------------------------- main


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry-run", action="store_true", help="check what can be checked without a card")
    parser.add_argument("--quick", action="store_true", help="small products and networks: for a look, not for quoting")
    parser.add_argument("--json", metavar="FILE", help="write all that was found out there")
    parser.add_argument("--libraries", metavar="FOLDER", help="look for CUDA's libraries there first")
    parser.add_argument("--kernels", metavar="FOLDER", help="where the .cu files and prelude.cuh are")
    parser.add_argument("--sheet", choices=SHEETS, help="whose data sheet shares are of; by default that of the card's name, if known")
    return parser.parse_args()


def resources():
    for folder in (os.path.join(HERE, "kernels"), os.path.join(HERE, "src/main/resources/org/amend4j/cuda/kernels")):
        if os.path.isdir(folder):
            return folder
    raise Failure("there are no kernel sources beside card.py: --kernels names their folder")


def facts_of(options):
    places = {}
    for name in ("libcuda.so.1", "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13"):
        places[name] = find(options.libraries, name) or "not found"
    return {"python": platform.python_version(), "numpy": np.__version__, "system": platform.platform(), "libraries": places}


def dry_run(findings, options, all_sources, folder):
    compiler = Compiler(options.libraries)
    if compiler.library is None:
        findings.skipped("there is no libnvrtc.so.13 here: sources are not compiled for cards.")
    else:
        compile_all(findings, compiler, all_sources, (90,) if options.quick else ARCHITECTURES)
    check_references(findings)
    emulation = next((p for p in (os.path.join(folder, "emulation.h"), os.path.join(folder, "../emulated/emulation.h"))
                      if os.path.exists(p)), None)
    with tempfile.TemporaryDirectory() as temporary:
        if emulation is None or not (shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")):
            findings.skipped("there is no C++ compiler on the PATH, or no emulation.h: kernels are not launched.")
        else:
            host = Host(emulation, temporary)
            try_kernels(findings, host, all_sources)
            try_assumptions(findings, host, None, all_sources, True, None)
    try_torch(findings, False, True)


def look(findings, options, all_sources):
    compiler = Compiler(options.libraries)
    if compiler.library is None:
        raise Failure("there is no libnvrtc.so.13, which comes with CUDA 13")
    card = Card(options.libraries, compiler)
    findings.put("card", card.facts)
    print("%s, compute capability %.1f." % (card.name, card.capability / 10))
    all_sources = sources_for(card.capability, all_sources)
    compile_all(findings, compiler, all_sources, (card.architecture(),))
    try_kernels(findings, card, all_sources)
    blas = None
    try:
        blas = Blas(options.libraries, card)
        try_products(findings, blas, card, options.quick)
    except Failure as refused:
        findings.failed("cuBLAS: %s" % refused)
    sheet = options.sheet or next((name for name, sheet in SHEETS.items() if sheet[-1] == card.name), None)
    try_assumptions(findings, card, blas, all_sources, options.quick, sheet)
    if blas is not None:
        blas.close()
    card.close()
    try_torch(findings, True, options.quick)


def main():
    options = arguments()
    findings = Findings(options.json)
    try:
        findings.put("machine", facts_of(options))
        findings.put("mode", "dry run" if options.dry_run else "card")
        folder = options.kernels or resources()
        all_sources = sources(folder)
        if options.dry_run:
            dry_run(findings, options, all_sources, folder)
        else:
            try:
                look(findings, options, all_sources)
            except Failure as refused:
                findings.failed("No look at a card: %s." % refused)
                if "card" not in findings.all:
                    return NO_CARD
    except Failure as refused:
        findings.failed(str(refused))
    findings.put("complete", True)
    failures = len(findings.all["failures"])
    print("%d failures, %d skipped." % (failures, len(findings.all["skipped"])))
    return FAILED if failures else 0


if __name__ == "__main__":
    sys.exit(main())
