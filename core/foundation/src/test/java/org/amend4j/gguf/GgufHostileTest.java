/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files with a fault are refused in a sentence, or read; never is there more memory than the file gives reason for. */
class GgufHostileTest {

    /** Two buffers of 64 KiB, and classes and sentences of a first case. */
    private static final long BUFFERS = 1 << 20;

    /** A text of one letter has nine bytes in a file, and some sixty in a map. */
    private static final long PER_BYTE = 16;

    private static final Map<String, String> SENTENCES = Map.ofEntries(
            Map.entry("01", "must begin with GGUF"),
            Map.entry("02", "must have the version 2 or 3, little-endian, got 1"),
            Map.entry("03", "must have the version 2 or 3, little-endian, got 50331648"),
            Map.entry("04", "must have the version 2 or 3, little-endian, got 4"),
            Map.entry("05", "the number of tensors must be at most "),
            Map.entry("06", "the number of keys must be at most "),
            Map.entry("07", "the length of "),
            Map.entry("08", "the number of elements of "),
            Map.entry("09", "must be no array of arrays"),
            Map.entry("10", "has the unknown type 13"),
            Map.entry("11", "stands twice"),
            Map.entry("12", "a key must have characters"),
            Map.entry("13", "must be UTF-8"),
            Map.entry("14", "must be a power of two below 2^31 of the type UINT32, got 0"),
            Map.entry("15", "must be a power of two below 2^31 of the type UINT32, got 24"),
            Map.entry("16", "must be a power of two below 2^31 of the type UINT32, got "),
            Map.entry("17", "must have 1 to 4 dimensions, got 5"),
            Map.entry("18", "must have fewer than 2^63 values"),
            Map.entry("19", "must have dimensions from 1 to 2^63 - 1, got 0"),
            Map.entry("20", "must have dimensions from 1 to 2^63 - 1, got 18446744073709551"),
            Map.entry("21", "has the type 99, which is not read"),
            Map.entry("22", "has the type 4, which is not read"),
            Map.entry("23", "must have rows of a multiple of 32 values for Q8_0, got 33"),
            Map.entry("24", "stands twice"),
            Map.entry("25", "must begin behind the tensor before it, at "),
            Map.entry("26", "must begin behind the tensor before it, at "),
            Map.entry("27", "must begin behind the tensor before it, at "),
            Map.entry("28", "must begin behind the tensor before it, at "),
            Map.entry("29", "to the file's end, got "),
            Map.entry("30", "the header ends within "),
            Map.entry("31", "must have a name of 1 to 63 bytes"),
            Map.entry("32", "must have finite values, got NaN"),
            Map.entry("33", "must have finite values, got "),
            Map.entry("34", "to the file's end, got "),
            Map.entry("35", "the key 'general.architecture' is missing"),
            Map.entry("36", "must be 0 or 1, for false or true, got 2"));

    @TempDir
    Path directory;

    static List<Path> hostile() {
        return Resources.hostile();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void everyRuleThatAFileBreaksIsToldInASentenceThatNamesTheFile(Path file) {
        String number = file.getFileName().toString().substring(0, 2);
        String sentence = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> Refusals.refused(
                        GgufException.class,
                        Optional.ofNullable(SENTENCES.get(number)).orElseThrow(),
                        () -> readAll(file)));
        assertTrue(sentence.startsWith("file '" + file + "': "), sentence);
    }

    @Test
    void allRulesAreBrokenOnce() {
        Set<String> broken = new HashSet<>();
        hostile().forEach(file -> broken.add(file.getFileName().toString().substring(0, 2)));
        assertEquals(SENTENCES.keySet(), broken);
    }

    @Test
    void theSameFileWithoutAFaultIsRead() throws IOException {
        assertTrue(readAll(Resources.path("hostile/00-good.gguf")) > 0);
    }

    @Test
    void noFaultCostsMemoryThatTheFileDoesNotHave() throws IOException {
        for (Path file : hostile()) {
            read(file);
        }
    }

    @Test
    void aFileThatIsCutAnywhereIsRefusedUnlessOnlyPaddingIsMissing() throws IOException {
        byte[] good = Resources.bytes("hostile/00-good.gguf");
        Path file = directory.resolve("cut.gguf");
        long wholeTensors = 0;
        try (GgufFile whole = GgufFile.open(Resources.path("hostile/00-good.gguf"))) {
            GgufTensor last =
                    List.copyOf(whole.tensors().values()).get(whole.tensors().size() - 1);
            wholeTensors = good.length - align(last.bytes()) + last.bytes();
        }
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertEquals(length == wholeTensors, read(file).isPresent(), "at " + length);
        }
    }

    @Test
    void aFileWithAnyByteChangedIsReadOrRefused() throws IOException {
        byte[] good = Resources.bytes("hostile/00-good.gguf");
        Path file = directory.resolve("changed.gguf");
        for (int at = 0; at < good.length; at++) {
            for (int change : new int[] {1, 0x80, 0xff}) {
                byte[] changed = good.clone();
                changed[at] ^= (byte) change;
                read(Files.write(file, changed));
            }
        }
    }

    private static long align(long bytes) {
        return (bytes + 31) / 32 * 32;
    }

    private static Optional<Long> read(Path file) throws IOException {
        return BoundedReading.of(
                file.toString(),
                BUFFERS + PER_BYTE * Files.size(file),
                Set.of(GgufException.class),
                () -> readAll(file));
    }

    /** How many numbers all tensors have. */
    private static long readAll(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path)) {
            long values = 0;
            for (String name : file.tensors().keySet()) {
                values += file.readFloats(name).length;
            }
            return values;
        }
    }
}
