/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.KernelSources;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kernel is compiled for every kind of card: by what stands in for NVRTC, and with {@code -Pnvrtc} by NVRTC
 * itself, which needs no card.
 */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in|nvrtc")
class KernelCompilerTest {

    /** What each code begins with: it is an ELF file. */
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    /** With what other tests compile. */
    private static final CodeCache COMPILED = CodeCache.ofUser();

    private static final Capability TURING = new Capability(7, 5);

    @TempDir
    private Path folder;

    @BeforeAll
    static void loadLibraries() {
        if (StandIn.isWanted()) {
            StandIn.load();
        } else {
            StandIn.loadDriverWithoutCard();
        }
    }

    @ParameterizedTest(name = "{0}.cu")
    @MethodSource("org.amend4j.cuda.KernelSources#compiled")
    @OneIn(6)
    void everyKernelCompilesForEveryCard(String name) throws IOException {
        KernelSource source = KernelSources.source(name);
        for (int architecture : StandIn.isWanted() ? List.of(90) : KernelSources.architectures(source)) {
            Capability card = new Capability(architecture / 10, architecture % 10);
            byte[] code = KernelCompiler.code(source, card, COMPILED);
            assertArrayEquals(ELF, Arrays.copyOf(code, ELF.length), name + " for " + card);
        }
    }

    @Test
    void codeThatWasCompiledIsReadFromTheDisk() throws IOException {
        String name = KernelSources.names().get(0);
        byte[] code = KernelCompiler.code(KernelSource.resource(name), TURING, CodeCache.in(folder));
        Path kept = only(folder);
        FileTime longAgo = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(kept, longAgo);
        assertArrayEquals(code, KernelCompiler.code(KernelSource.resource(name), TURING, CodeCache.in(folder)));
        assertEquals(kept, only(folder));
        assertEquals(longAgo, Files.getLastModifiedTime(kept), "it was not made again");
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertEquals(1, all.size(), all.toString());
            return all.get(0);
        }
    }

    @Test
    void whatDoesNotCompileIsToldInTheCompilersWords() {
        KernelSource wrong = KernelSource.of("wrong", "extern \"C\" __global__ void f(float *x) { x[0] = nothing; }");
        String message = assertThrows(
                        MachineException.class, () -> KernelCompiler.code(wrong, TURING, CodeCache.in(folder)))
                .getMessage();
        assertTrue(message.startsWith("NVRTC does not compile wrong.cu for --gpu-architecture=sm_75"), message);
        assertTrue(message.contains("nothing"), message);
    }
}
