/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.amend4j.backend.MachineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CodeCacheTest {

    private static final byte[] CODE = {1, 2, 3, 4};

    @TempDir
    Path folder;

    private final AtomicInteger made = new AtomicInteger();

    private Path get(CodeCache cache, String... makings) {
        return cache.get(
                ".so",
                target -> {
                    made.incrementAndGet();
                    Files.write(target, CODE);
                },
                makings);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void codeIsMadeOncePerMakingsAndNothingElseIsLeft() throws IOException {
        Path first = get(CodeCache.in(folder), "source", "flags");
        assertArrayEquals(CODE, Files.readAllBytes(first));
        assertEquals(first, get(CodeCache.in(folder), "source", "flags"));
        assertNotEquals(first, get(CodeCache.in(folder), "sourceflags"));
        assertNotEquals(first, get(CodeCache.in(folder), "source", "flag", "s"));
        assertEquals(3, made.get());
        assertEquals(3, files(folder).size());
    }

    @Test
    void damagedEmptyAndDeletedCodeIsMadeAgain() throws IOException {
        Path code = get(CodeCache.in(folder), "source");
        for (byte[] damaged : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[] {1, 2, 3, 5})) {
            Files.write(code, damaged);
            assertEquals(code, get(CodeCache.in(folder), "source"));
            assertArrayEquals(CODE, Files.readAllBytes(code));
        }
        Files.delete(code);
        assertArrayEquals(CODE, Files.readAllBytes(get(CodeCache.in(folder), "source")));
        assertEquals(5, made.get());
        assertEquals(1, files(folder).size());
    }

    @Test
    void aMakerThatFailsLeavesNothing() throws IOException {
        CodeCache cache = CodeCache.in(folder);
        MachineException refused = assertThrows(
                MachineException.class,
                () -> cache.get(
                        ".so",
                        target -> {
                            Files.write(target, CODE);
                            throw new IOException("the compiler is gone");
                        },
                        "source"));
        assertTrue(refused.getMessage().contains("the compiler is gone"), refused.getMessage());
        assertThrows(
                IllegalStateException.class,
                () -> cache.get(
                        ".so",
                        target -> {
                            throw new IllegalStateException();
                        },
                        "source"));
        assertEquals(List.of(), files(folder));
    }

    private void assertKeptElsewhere(Path unusable) throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("temporary" + made.get()));
        CodeCache cache = new CodeCache(unusable, new SpareFolder(temporary));
        int before = made.get();
        Path code = get(cache, "source");
        assertTrue(code.startsWith(temporary), code.toString());
        assertArrayEquals(CODE, Files.readAllBytes(code));
        assertEquals(code, get(cache, "source"));
        assertEquals(before + 1, made.get());
        assertEquals(1, files(temporary).size());
    }

    @Test
    void withAFileInPlaceOfTheFolderCodeIsKeptInATemporaryOne() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertKeptElsewhere(file);
        assertKeptElsewhere(file.resolve("amend4j").resolve("code"));
    }

    @Test
    void withAFolderThatCannotBeMadeCodeIsKeptInATemporaryOne() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/proc")), "needs /proc, where nobody can make folders");
        assertKeptElsewhere(Path.of("/proc/nocache/amend4j/code"));
    }

    @Test
    void withAFolderThatCannotBeWrittenToCodeIsKeptInATemporaryOneUnlessItIsThere() throws IOException {
        Path readOnly = Files.createDirectory(folder.resolve("read-only"));
        Path there = get(CodeCache.in(readOnly), "there");
        assertTrue(readOnly.toFile().setWritable(false));
        try {
            assumeTrue(!Files.isWritable(readOnly), "this user can write everywhere");
            assertEquals(there, get(CodeCache.in(readOnly), "there"));
            assertKeptElsewhere(readOnly);
        } finally {
            assertTrue(readOnly.toFile().setWritable(true));
        }
    }

    @Test
    void ifNoFolderCanBeUsedOneSentenceSaysWhatToSet() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        CodeCache cache = new CodeCache(file, new SpareFolder(file));
        String message =
                assertThrows(MachineException.class, () -> get(cache, "source")).getMessage();
        assertTrue(message.contains(file.toString()) && message.contains("XDG_CACHE_HOME"), message);
        assertEquals(1, message.lines().count(), message);
        assertEquals(0, made.get());
    }

    /** Compilers need not give the same bytes twice. */
    @Test
    void threadsThatMakeTheSameCodeAtOnceAllGetWholeCode() throws Exception {
        int threads = 8;
        for (int round = 0; round < 20; round++) {
            String makings = "source " + round;
            CyclicBarrier start = new CyclicBarrier(threads);
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                byte[] code = ("code of thread " + i).repeat(1000).getBytes(StandardCharsets.UTF_8);
                Callable<byte[]> task = () -> {
                    start.await();
                    return Files.readAllBytes(
                            CodeCache.in(folder).get(".so", target -> Files.write(target, code), makings));
                };
                results.add(pool.submit(task));
            }
            for (Future<byte[]> result : results) {
                assertEquals("code of thread 0".length() * 1000, result.get().length);
            }
            pool.shutdown();
            assertTrue(pool.awaitTermination(10, TimeUnit.SECONDS));
            get(CodeCache.in(folder), makings);
        }
        assertEquals(0, made.get(), "what is there is found");
        assertFalse(files(folder).stream()
                .anyMatch(file -> file.getFileName().toString().startsWith("draft")));
    }
}
