/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.amend4j.internal.cuda.driver.Status.checkCompiler;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetNumSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.KernelSource;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** NVRTC, its results kept on disk. */
final class KernelCompiler {

    private KernelCompiler() {}

    /** A source's code for a card: for the card itself, or what the compiler knows that the card runs too. */
    static byte[] code(KernelSource source, Capability card, CodeCache cache) {
        String architecture = "--gpu-architecture=sm_" + target(card);
        int[] version = new int[1];
        int[] minorVersion = new int[1];
        checkCompiler(nvrtcVersion(version, minorVersion), "nvrtcVersion");
        Path file = cache.get(
                ".cubin",
                target -> Files.write(target, compile(source, architecture)),
                source.text(),
                architecture,
                "nvrtc " + version[0] + "." + minorVersion[0]);
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read compiled code from " + file, e);
        }
    }

    private static int target(Capability card) {
        int[] count = new int[1];
        checkCompiler(nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs");
        int[] known = new int[count[0]];
        checkCompiler(nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs");
        return card.target(known)
                .orElseThrow(() -> new MachineException(
                        "the installed NVRTC compiles nothing that runs on compute" + " capability " + card));
    }

    private static byte[] compile(KernelSource source, String architecture) {
        _nvrtcProgram program = new _nvrtcProgram();
        try (BytePointer text = new BytePointer(source.text(), StandardCharsets.UTF_8);
                BytePointer file = new BytePointer(source.name() + ".cu", StandardCharsets.UTF_8);
                PointerPointer<BytePointer> options = new PointerPointer<>(architecture, "--std=c++17");
                SizeTPointer size = new SizeTPointer(1)) {
            checkCompiler(
                    nvrtcCreateProgram(program, text, file, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
                    "nvrtcCreateProgram");
            try {
                int status = nvrtcCompileProgram(program, 2, options);
                if (status != 0) {
                    throw new MachineException("NVRTC does not compile " + source.name() + ".cu for " + architecture
                            + " (" + nvrtcGetErrorString(status).getString() + "):\n" + log(program));
                }
                checkCompiler(nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
                byte[] code = new byte[Math.toIntExact(size.get())];
                checkCompiler(nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN");
                return code;
            } finally {
                checkCompiler(nvrtcDestroyProgram(program), "nvrtcDestroyProgram");
            }
        }
    }

    private static String log(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            checkCompiler(nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
            byte[] text = new byte[Math.toIntExact(size.get())];
            checkCompiler(nvrtcGetProgramLog(program, text), "nvrtcGetProgramLog");
            return CudaDevice.zeroTerminated(text);
        }
    }
}
