/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.BoundedReading.Reading;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mutated adapters: each is refused in one sentence or loads to what was saved, and reading one allocates no more than in
 * proportion to the files' size.
 */
@Timeout(1200)
class AdapterFuzzTest {
    /** Of a seed: ten seeds of -Damend4j.fuzz.cases=5000 make 50,000 damaged files of ours, and a tenth as many of PEFT's. */
    private static final int CASES = Integer.getInteger("amend4j.fuzz.cases", Exhaustive.times(700, 2_100));
    /**
     * Bytes on the heap for a byte of a file. The worst text is a list of empty objects: three bytes become a node with a
     * map, about 90 bytes with their place in the list. The text itself is held as bytes, as characters and in the parser's
     * buffer, and once more when it is written again to be compared; together below 64.
     */
    private static final long PER_BYTE = 64;
    /** The parser's, digest's and channel's buffers, an exception and the classes loaded on the way. */
    private static final long FIXED = 1 << 20;

    private static final List<String> TOKENS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "null",
            "true",
            "-1",
            "1e9",
            "0.5",
            "99999999999999999999",
            "\\ud800",
            "[[[[[[",
            "\"__metadata__\":{},",
            "F16",
            "I64",
            " ",
            "\n",
            "\0",
            "9223372036854775807",
            "4294967296");

    @TempDir
    Path directory;

    @BeforeAll
    static void quiet() {
        Configurator.setLevel(LogManager.getLogger(PeftConfig.class), Level.ERROR);
    }

    @AfterAll
    static void loud() {
        Configurator.setLevel(LogManager.getLogger(PeftConfig.class), Level.WARN);
    }

    @OneIn(6)
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {5, 1, 6, 2, 10, 3, 4, 7, 8, 9})
    void aMutatedAdapterIsRefusedInOneSentenceOrLoadsWhatWasSaved(long seed) throws IOException {
        AdapterContent content = seed % 5 == 0 ? AdapterFixtures.everything() : AdapterFixtures.dense("d.lora");
        Path damagedTensors = directory.resolve("tensors");
        Path damagedConfig = directory.resolve("config");
        AdapterFile.write(damagedTensors, content);
        AdapterFile.write(damagedConfig, content);
        byte[] tensors = Files.readAllBytes(damagedTensors.resolve(AdapterFile.TENSORS));
        byte[] config = Files.readAllBytes(damagedConfig.resolve(AdapterFile.CONFIG));
        AdapterFile.read(damagedConfig);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < CASES; i++) {
            boolean inConfig = random.nextInt(5) == 0;
            Path damaged = inConfig ? damagedConfig : damagedTensors;
            overwrite(
                    damaged.resolve(inConfig ? AdapterFile.CONFIG : AdapterFile.TENSORS),
                    inConfig ? edited(config, random) : mutatedTensors(tensors, random));
            AdapterContent loaded = load(damaged, "seed " + seed + ", case " + i);
            if (loaded == null) {
                refused++;
            } else {
                AdapterFixtures.assertSame(content, loaded);
            }
        }
        assertTrue(refused > CASES / 2 && refused < CASES, "the mutations must hit and miss, " + refused + " refused");
    }

    /** Whole files and split ones, whose values have no digest. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30})
    void aMutatedAdapterOfPeftIsRefusedInOneSentenceOrLoads(long seed) throws IOException {
        AdapterContent content = seed % 2 == 0 ? AdapterFixtures.dora() : AdapterFixtures.biasOnB();
        AdapterFile.export(directory, content);
        boolean split = seed % 3 == 0;
        Path tensors = directory.resolve(split ? "one.safetensors" : AdapterFile.TENSORS);
        List<Path> texts = new ArrayList<>(List.of(directory.resolve(AdapterFile.CONFIG)));
        if (split) {
            Files.move(directory.resolve(AdapterFile.TENSORS), tensors);
            texts.add(index(tensors));
        }
        Map<String, String> modules = new TreeMap<>();
        AdapterSummary.read(directory).modules().forEach(module -> modules.put(module.name(), module.name()));
        Random random = new Random(seed);
        int refused = 0;
        int cases = CASES / 10;
        for (int i = 0; i < cases; i++) {
            boolean text = random.nextInt(3) == 0;
            Path file = text ? texts.get(random.nextInt(texts.size())) : tensors;
            byte[] original = Files.readAllBytes(file);
            overwrite(file, text ? edited(original, random) : mutatedTensors(original, random));
            String place = "seed " + seed + ", case " + i;
            if (loaded(() -> AdapterFile.read(directory, modules), place) == null) {
                refused++;
            }
            loaded(() -> AdapterSummary.read(directory), place);
            overwrite(file, original);
        }
        assertTrue(refused > cases / 3 && refused < cases, "the mutations must hit and miss, " + refused + " refused");
    }

    private static Path index(Path tensors) throws IOException {
        Map<String, Object> map = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(tensors)) {
            file.tensors().keySet().forEach(key -> map.put(key, String.valueOf(tensors.getFileName())));
        }
        return Files.writeString(
                tensors.resolveSibling(AdapterTensors.INDEX), StrictJson.pretty(Map.of("weight_map", map)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void aMutatedRecordWithTheRightDigestIsRefusedOrLoadsAndSavesAgain(long seed) throws IOException {
        Path again = directory.resolve("again");
        AdapterFile.write(directory, AdapterFixtures.dense("d.lora"));
        EditedAdapter original = EditedAdapter.of(directory);
        Random random = new Random(seed);
        List<String> keys = List.of("amend4j.config", "amend4j.config", "amend4j.keys", "amend4j.base.layers");
        for (int i = 0; i < Exhaustive.times(130, 400); i++) {
            String key = keys.get(random.nextInt(keys.size()));
            String text = original.metadata.getOrDefault(key, "");
            byte[] mutated = edited(text.getBytes(StandardCharsets.UTF_8), random);
            EditedAdapter edited = EditedAdapter.of(directory);
            edited.metadata.put(key, new String(mutated, StandardCharsets.UTF_8));
            edited.save(directory);
            AdapterContent loaded = load(directory, "seed " + seed + ", case " + i);
            if (loaded != null) {
                AdapterFile.write(again, loaded);
                AdapterFixtures.assertSame(loaded, AdapterFile.read(again));
            }
            original.saveAsItIs(directory);
        }
    }

    /** Deletes first: some file systems flush a file that is cut to nothing and written again. */
    private static void overwrite(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.write(file, bytes);
    }

    private @Nullable AdapterContent load(Path adapter, String place) throws IOException {
        return loaded(adapter, () -> AdapterFile.read(adapter), place);
    }

    private <T> @Nullable T loaded(Reading<T> reading, String place) throws IOException {
        return loaded(directory, reading, place);
    }

    private static <T> @Nullable T loaded(Path adapter, Reading<T> reading, String place) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.list(adapter)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                size += Files.size(file);
            }
        }
        return BoundedReading.of(
                        place,
                        FIXED + PER_BYTE * size,
                        Set.of(SafetensorsException.class, AdapterFormatException.class),
                        reading)
                .orElse(null);
    }

    private static byte[] mutatedTensors(byte[] file, Random random) {
        int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return switch (random.nextInt(7)) {
            case 0 -> flipped(file, 0, 8 + header, random);
            case 1 -> flipped(file, 8 + header, file.length, random);
            case 2 -> withLength(file, lengths(header, random));
            case 3 -> Arrays.copyOf(file, random.nextInt(file.length));
            case 4 -> edited(file, random);
            default -> {
                byte[] text = edited(Arrays.copyOfRange(file, 8, 8 + header), random);
                ByteBuffer rebuilt = ByteBuffer.allocate(8 + text.length + file.length - 8 - header)
                        .order(ByteOrder.LITTLE_ENDIAN);
                rebuilt.putLong(text.length).put(text).put(file, 8 + header, file.length - 8 - header);
                yield rebuilt.array();
            }
        };
    }

    private static long lengths(int header, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> header + random.nextInt(33) - 16;
            case 1 -> random.nextLong();
            case 2 -> 1L << random.nextInt(64);
            default -> random.nextInt(200_000_000);
        };
    }

    private static byte[] withLength(byte[] file, long length) {
        byte[] copy = file.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return copy;
    }

    private static byte[] flipped(byte[] file, int from, int to, Random random) {
        byte[] copy = file.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            copy[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    /** Inserts, removes, repeats or overwrites a piece. */
    private static byte[] edited(byte[] text, Random random) {
        int at = random.nextInt(text.length);
        int end = Math.min(text.length, at + 1 + random.nextInt(random.nextBoolean() ? 2 : 40));
        return switch (random.nextInt(6)) {
            case 0 -> joined(text, at, token(random), at);
            case 1 -> joined(text, at, new byte[0], end);
            case 2 -> joined(text, at, Arrays.copyOfRange(text, at, end), at);
            case 3 -> joined(text, at, token(random), end);
            case 4 -> withDigit(text, at, random);
            default -> flipped(text, 0, text.length, random);
        };
    }

    /** Changes the next digit, so that numbers stay numbers. */
    private static byte[] withDigit(byte[] text, int from, Random random) {
        for (int i = from; i < text.length; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                String digits = String.valueOf(random.nextInt(random.nextBoolean() ? 10 : Integer.MAX_VALUE));
                return joined(text, i, digits.getBytes(StandardCharsets.UTF_8), i + 1);
            }
        }
        return text.clone();
    }

    private static byte[] token(Random random) {
        return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(byte[] text, int until, byte[] middle, int from) {
        byte[] joined = new byte[until + middle.length + text.length - from];
        System.arraycopy(text, 0, joined, 0, until);
        System.arraycopy(middle, 0, joined, until, middle.length);
        System.arraycopy(text, from, joined, until + middle.length, text.length - from);
        return joined;
    }
}
