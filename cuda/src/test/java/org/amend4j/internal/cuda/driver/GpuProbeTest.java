/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about cards, and what a machine without one does. */
class GpuProbeTest {

    private static final String NO_DRIVER =
            "CUDA is not usable: the system has no libcuda.so.1 (it comes with NVIDIA's driver).";

    @Test
    void probingNeverThrowsAndSaysTheSameTwice() {
        GpuReport report = GpuProbe.probe();
        assertEquals(report, GpuProbe.probe());
        assertEquals(
                CudaDevice.missing().isPresent() || report.capability().isEmpty(), report.way() == ComputePath.CPU);
    }

    @Test
    void withoutLibrariesADeviceIsRefusedInOneSentence(@TempDir Path folder) {
        assumeTrue(CudaDevice.missing().isPresent(), "This machine has the CUDA libraries.");
        String sentence = CudaDevice.missing().orElseThrow();
        assertTrue(sentence.startsWith("CUDA is not usable: "), sentence);
        assertFalse(sentence.contains("java.library.path"), sentence);
        String message = assertThrows(MachineException.class, () -> CudaDevice.open(0, CodeCache.in(folder)))
                .getMessage();
        assertEquals(sentence, message);
    }

    @Test
    void aFailureToLoadNamesTheLibrary() {
        Throwable inner = new UnsatisfiedLinkError(
                "/cache/libjnicudart.so: libcuda.so.1: cannot open shared object file: No such file or directory");
        Error outer = new UnsatisfiedLinkError("no jnicudart in java.library.path: /lib");
        outer.initCause(inner);
        assertEquals(NO_DRIVER, LoadFailure.sentence(outer));
        assertEquals(
                "CUDA is not usable: the system has no libcublas.so.13 (it comes with the CUDA toolkit 13 or its runtime"
                        + " libraries).",
                LoadFailure.sentence(new UnsatisfiedLinkError(
                        "x.so: libcublas.so.13: cannot open shared object file: No such file or directory")));
        assertEquals(
                "CUDA is not usable: the system has no libcudart.so.11.0 (it comes with the CUDA toolkit 11 or its runtime"
                        + " libraries).",
                LoadFailure.sentence(new UnsatisfiedLinkError(
                        "x.so: libcudart.so.11.0: cannot open shared object file: No such file or directory")));
        assertEquals(
                "CUDA is not usable: there is no class org.bytedeco.cuda.global.cudart on the class path.",
                LoadFailure.sentence(new NoClassDefFoundError("org/bytedeco/cuda/global/cudart")));
        assertEquals(
                "CUDA is not usable: its libraries failed to load earlier in this process.",
                LoadFailure.sentence(new NoClassDefFoundError("Could not initialize class x.Y")));
        assertEquals(
                "CUDA is not usable: no such thing.", LoadFailure.sentence(new UnsatisfiedLinkError("no such thing")));
    }

    @Test
    void theSystemsFilesAreRead(@TempDir Path folder) throws IOException {
        Path card = Files.createDirectories(folder.resolve("gpus").resolve("0000:01:00.0"));
        Files.writeString(folder.resolve("version"), """
                NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 07:08:06 UTC 2025
                GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
                """);
        Files.writeString(card.resolve("information"), "Model: \t\t NVIDIA Test Card\nIRQ:   \t\t 33\n");
        Files.writeString(folder.resolve("libcudart.so.13"), "");
        GpuReport report = GpuProbe.probe(new SystemFiles(folder, List.of(folder)), false, Optional.of(NO_DRIVER));
        assertEquals(Optional.of("580.65.06"), report.driver());
        assertEquals(List.of("NVIDIA Test Card"), report.cards());
        assertEquals(
                List.of(
                        NO_DRIVER,
                        "libcublas.so.13 is in none of the usual folders, nor in LD_LIBRARY_PATH.",
                        "libcublasLt.so.13 is in none of the usual folders, nor in LD_LIBRARY_PATH.",
                        "libnvrtc.so.13 is in none of the usual folders, nor in LD_LIBRARY_PATH."),
                report.missing());
        assertEquals(ComputePath.CPU, report.way());
    }

    /** The driver reads each argument through its address, as wide as the kernel's parameter is. Room is used again. */
    @Test
    void kernelParametersAreTheAddressesOfTheirValues() {
        long pointer = 0x7f12_3456_789aL;
        long[] arguments = {pointer, -7, Integer.toUnsignedLong(Float.floatToRawIntBits(0.3f))};
        try (KernelParameters parameters = new KernelParameters()) {
            parameters.of(7, 8, 9, 10);
            PointerPointer<Pointer> addresses = parameters.of(arguments);
            assertEquals(pointer, new LongPointer(addresses.get(0)).get());
            assertEquals(-7, new IntPointer(addresses.get(1)).get());
            assertEquals(0.3f, new FloatPointer(addresses.get(2)).get());
            assertEquals(10, new LongPointer(addresses.get(3)).get());
            assertThrows(IllegalArgumentException.class, () -> parameters.of(new long[KernelParameters.MOST + 1]));
        }
    }
}
