/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import static org.amend4j.testkit.Refusals.sentence;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Networks;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Models damaged or made to hurt: each opens as it was saved or is refused in one sentence that names the file, without more
 * memory than in proportion to the file.
 */
@Timeout(240)
class ModelFuzzTest {

    private static final String CONFIGURATION = ModelSerializer.CONFIGURATION_JSON;
    private static final String COEFFICIENTS = ModelSerializer.COEFFICIENTS_BIN;

    /** Bytes on the heap for a byte of a file; Deeplearning4j parses a configuration several times. */
    private static final long HEAP_PER_BYTE = 1_000;
    /** A tree of as many tokens as a configuration may have, 60 bytes each, and its longest text a few times. */
    private static final long HEAP_FIXED = 128L << 20;

    private static final long NATIVE = 16L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path folder;

    /** Why the last file was refused. */
    private String sentence = "";

    private enum Saved {
        GRAPH_FLOAT(DataType.FLOAT),
        GRAPH_DOUBLE(DataType.DOUBLE),
        LAYERS_FLOAT(DataType.FLOAT),
        LAYERS_DOUBLE(DataType.DOUBLE);

        private final DataType type;

        Saved(DataType type) {
            this.type = type;
        }

        private Model network() {
            return name().startsWith("GRAPH") ? TestNetworks.dense(type, 1) : layers(type);
        }

        private Fingerprint fingerprint() {
            return name().startsWith("GRAPH")
                    ? BaseModel.of(TestNetworks.dense(type, 1)).fingerprint()
                    : BaseModel.of(layers(type)).fingerprint();
        }
    }

    private static MultiLayerNetwork layers(DataType type) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(new Adam(0.1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private Path file() {
        return folder.resolve("model.zip");
    }

    private byte[] saved(Saved saved) throws IOException {
        ModelSerializer.writeModel(saved.network(), file().toFile(), true);
        return Files.readAllBytes(file());
    }

    /** The fingerprint of the model, or none if it was refused as it must be. */
    private Optional<Fingerprint> open(byte[] zip, String place) throws IOException {
        Files.deleteIfExists(file());
        Files.write(file(), zip);
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long outside = Pointer.totalBytes();
        Optional<Fingerprint> found = Optional.empty();
        try {
            found = Optional.of(BaseModel.open(file()).fingerprint());
        } catch (IOException e) {
            sentence = sentence(e);
            assertTrue(sentence.contains(file().toString()), sentence);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(place, e);
        }
        long taken = THREADS.getCurrentThreadAllocatedBytes() - heap;
        assertTrue(taken <= HEAP_FIXED + HEAP_PER_BYTE * zip.length, place + ": " + taken + " bytes on the heap");
        long takenOutside = Pointer.totalBytes() - outside;
        assertTrue(takenOutside <= NATIVE, place + ": " + takenOutside + " bytes outside the heap");
        return found;
    }

    private void refused(String rule, byte[] zip) throws IOException {
        assertEquals(Optional.empty(), open(zip, rule));
        assertTrue(sentence.contains(rule), sentence);
    }

    private static Map<String, byte[]> entries(byte[] zip) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream stream = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = stream.getNextEntry(); entry != null; entry = stream.getNextEntry()) {
                entries.put(entry.getName(), stream.readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream stream = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                stream.putNextEntry(new ZipEntry(entry.getKey()));
                stream.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** The zip with one entry changed, all its checksums right. */
    private static byte[] with(byte[] zip, String name, UnaryOperator<byte[]> change) throws IOException {
        Map<String, byte[]> entries = entries(zip);
        entries.computeIfPresent(name, (same, content) -> change.apply(content));
        return zip(entries);
    }

    private static byte[] withText(byte[] zip, UnaryOperator<String> change) throws IOException {
        return with(zip, CONFIGURATION, json -> {
            String before = new String(json, StandardCharsets.UTF_8);
            String after = change.apply(before);
            assertNotEquals(before, after);
            return after.getBytes(StandardCharsets.UTF_8);
        });
    }

    private static byte[] flipped(byte[] bytes, int from, int to, Random random) {
        byte[] copy = bytes.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            copy[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    @ParameterizedTest
    @EnumSource
    void aZipWithFlippedBitsIsRefusedOrOpensAsItWasSaved(Saved saved) throws IOException {
        byte[] right = saved(saved);
        Random random = new Random(saved.name().hashCode());
        Fingerprint expected = saved.fingerprint();
        int flips = Exhaustive.times(100, 400);
        int refused = 0;
        for (int i = 0; i < flips; i++) {
            Optional<Fingerprint> found = open(flipped(right, 0, right.length, random), saved + ", flip " + i);
            found.ifPresent(fingerprint -> assertEquals(expected, fingerprint));
            refused += found.isEmpty() ? 1 : 0;
        }
        assertTrue(refused > flips / 4 && refused < flips, "the flips must hit and miss, " + refused + " refused");
    }

    @ParameterizedTest
    @EnumSource
    void aZipThatEndsEarlyIsRefusedWhereverItEnds(Saved saved) throws IOException {
        byte[] right = saved(saved);
        for (int length = 0; length < right.length; length += 7) {
            assertEquals(Optional.empty(), open(Arrays.copyOf(right, length), saved + ", length " + length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void parametersThatEndEarlyOrLateInAWholeZipAreRefused(Saved saved) throws IOException {
        byte[] right = saved(saved);
        int length = entries(right).get(COEFFICIENTS).length;
        for (int end = 0; end < length; end += end < 130 ? 1 : 37) {
            int at = end;
            byte[] cut = with(right, COEFFICIENTS, bytes -> Arrays.copyOf(bytes, at));
            assertEquals(Optional.empty(), open(cut, saved + ", end " + at));
        }
        refused("more bytes than it needs", with(right, COEFFICIENTS, bytes -> Arrays.copyOf(bytes, length + 1)));
    }

    /** Changes bits of everything before the parameters: kinds, lengths, types and the shape. */
    @ParameterizedTest
    @EnumSource
    @OneIn(2)
    void flippedBitsBeforeTheParametersAreRefusedOrMeanNothing(Saved saved) throws IOException {
        byte[] right = saved(saved);
        Fingerprint expected = saved.fingerprint();
        int numbers = headerLength(entries(right).get(COEFFICIENTS));
        for (int bit = 0; bit < 8 * numbers; bit += Exhaustive.times(3, 1)) {
            int at = bit;
            byte[] wrong = with(right, COEFFICIENTS, bytes -> {
                byte[] copy = bytes.clone();
                copy[at / 8] ^= (byte) (1 << (at % 8));
                return copy;
            });
            open(wrong, saved + ", bit " + at).ifPresent(fingerprint -> assertEquals(expected, fingerprint));
        }
    }

    private static int headerLength(byte[] coefficients) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(coefficients))) {
            in.readUTF();
            long shape = in.readLong();
            in.readUTF();
            in.skipNBytes(Long.BYTES * shape);
            in.readUTF();
            in.readLong();
            in.readUTF();
            return coefficients.length - in.available();
        }
    }

    /** Parameters with any header and {@code bytes} zeros behind it. */
    private static byte[] coefficients(String kind, long shape, long[] info, long length, String type, int bytes) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(result)) {
            out.writeUTF(kind);
            out.writeLong(shape);
            out.writeUTF("LONG");
            for (long number : info) {
                out.writeLong(number);
            }
            out.writeUTF(kind);
            out.writeLong(length);
            out.writeUTF(type);
            out.write(new byte[bytes]);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return result.toByteArray();
    }

    private static long[] row(long length) {
        return new long[] {1, length, 1, 8192, 1, 'c'};
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, 30, 32, 1L << 31, (1L << 31) - 1, 1L << 61, Long.MAX_VALUE, Long.MIN_VALUE})
    void lengthsThatAreNotTheConfigurationsAreRefused(long length) throws IOException {
        byte[] right = saved(Saved.LAYERS_FLOAT);
        String kind = "MIXED_DATA_TYPES";
        int count = (3 + 1) * 4 + (4 + 1) * 3;
        assertTrue(open(
                        with(right, COEFFICIENTS, b -> coefficients(kind, 6, row(count), count, "FLOAT", 4 * count)),
                        "")
                .isPresent());
        refused(
                "coefficients.bin",
                with(right, COEFFICIENTS, b -> coefficients(kind, length, row(count), count, "FLOAT", 124)));
        refused(
                "coefficients.bin",
                with(right, COEFFICIENTS, b -> coefficients(kind, 6, row(length), count, "FLOAT", 124)));
        refused(
                "coefficients.bin",
                with(right, COEFFICIENTS, b -> coefficients(kind, 6, row(count), length, "FLOAT", 124)));
        refused(
                "coefficients.bin",
                with(right, COEFFICIENTS, b -> coefficients(kind, 6, row(length), length, "FLOAT", 124)));
        long[] rank = row(count);
        rank[0] = length == 1 ? 2 : length;
        refused("coefficients.bin", with(right, COEFFICIENTS, b -> coefficients(kind, 6, rank, count, "FLOAT", 124)));
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT", "HALF"})
    void parametersOfEveryFloatingTypeComeBackBitForBit(DataType type) throws IOException {
        ComputationGraph network = TestNetworks.dense(type, 3);
        ModelSerializer.writeModel(network, file().toFile(), false);
        assertTrue(ArrayBytes.same(network.params(), Networks.read(file()).params()));
    }

    /** Until 1.0.0-beta3 lengths had four bytes, kinds other names, and the configuration did not say the type. */
    @Test
    void aFileOfAnOldDeeplearning4jOpens() throws IOException {
        byte[] right = saved(Saved.LAYERS_DOUBLE);
        byte[] untyped = withText(right, json -> json.replaceFirst("(?m)^  \"dataType\" : \"DOUBLE\",$", ""));
        byte[] old = with(untyped, COEFFICIENTS, bytes -> {
            ByteArrayOutputStream result = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(result)) {
                out.writeUTF("HEAP");
                out.writeInt(8);
                out.writeUTF("INT");
                for (int number : new int[] {2, 1, 31, 1, 1, 0, 1, 'c'}) {
                    out.writeInt(number);
                }
                out.writeUTF("DIRECT");
                out.writeInt(31);
                out.writeUTF("DOUBLE");
                out.write(bytes, bytes.length - 31 * Double.BYTES, 31 * Double.BYTES);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return result.toByteArray();
        });
        assertEquals(Optional.of(Saved.LAYERS_DOUBLE.fingerprint()), open(old, "old"));
    }

    @Test
    void typesAndKindsOtherThanTheConfigurationsAreRefused() throws IOException {
        byte[] right = saved(Saved.LAYERS_FLOAT);
        for (DataType type : DataType.values()) {
            if (type != DataType.FLOAT) {
                refused(
                        "parameters",
                        with(
                                right,
                                COEFFICIENTS,
                                b -> coefficients("MIXED_DATA_TYPES", 6, row(31), 31, type.name(), 31 * 8)));
            }
        }
        for (String kind : List.of("", "HEAP", "DIRECT", "JAVACPP", "COMPRESSED", "ü", "x".repeat(60_000))) {
            refused(
                    "coefficients.bin",
                    with(right, COEFFICIENTS, b -> coefficients(kind, 6, row(31), 31, "FLOAT", 124)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void damagedConfigurationsAreRefusedOrMakeANetworkOfAsManyParameters(Saved saved) throws IOException {
        byte[] right = saved(saved);
        List<String> tokens = List.of(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"",
                "null",
                "-1",
                "0",
                "1e9",
                "NaN",
                "9223372036854775807",
                "4294967296");
        Random random = new Random(saved.name().hashCode());
        for (int i = 0; i < Exhaustive.times(80, 250); i++) {
            String token = tokens.get(random.nextInt(tokens.size()));
            boolean flips = i % 2 == 0;
            byte[] wrong = with(right, CONFIGURATION, json -> {
                if (flips) {
                    return flipped(json, 0, json.length, random);
                }
                String text = new String(json, StandardCharsets.UTF_8);
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(6));
                return (text.substring(0, at) + token + text.substring(end)).getBytes(StandardCharsets.UTF_8);
            });
            open(wrong, saved + ", edit " + i);
        }
    }

    /** A class that a file must not touch. */
    static final class Untouched {
        static {
            System.setProperty("org.amend4j.trap", "initialized");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"@class\":\"TRAP\",",
                "\"@class\":\"TRAP\",\"@class\":\"org.deeplearning4j.nn.conf.layers.DenseLayer\",",
                "\"@class\":\"java.util.HashMap<java.lang.String,TRAP>\",",
                "\"iupdater\":[\"TRAP\",{}],",
                "\"iupdater\":{\"@class\":\"TRAP\"},",
                "\"weightInitFn\":{\"@class\":\"org.deeplearning4j.nn.weights.WeightInitDistribution\","
                        + "\"distribution\":{\"type\":\"TRAP\"}},",
            })
    void aFileInitializesNoClassButPartsOfNetworks(String property) throws IOException {
        String named = property.replace("TRAP", ModelFuzzTest.class.getName() + "$Untouched");
        byte[] trapped = withText(
                saved(Saved.LAYERS_FLOAT),
                json -> json.replaceFirst("(\"layer\" : \\{)", "$1" + named.replace("$", "\\$")));
        refused("is no part of a network", trapped);
        assertNull(System.getProperty("org.amend4j.trap"));
    }

    @Test
    void sizesThatMultiplyPastSixtyFourBitsAreRefused() throws IOException {
        byte[] right = saved(Saved.LAYERS_FLOAT);
        for (String size : List.of("-3", "268435457", "2147483648", "4294967296", "9223372036854775807", "1e300")) {
            refused(
                    "sizes in a configuration",
                    withText(right, json -> json.replace("\"nin\" : 3", "\"nin\" : " + size)));
        }
        refused("coefficients.bin", withText(right, json -> json.replace("\"nin\" : 3", "\"nin\" : 268435456")));
        refused(
                "more parameters than any",
                withText(
                        right,
                        json -> json.replace("\"nin\" : 3", "\"kernelSize\" : [65536, 65536], \"nin\" : 268435456")));
    }

    @Test
    void configurationsWithoutBoundsAreRefused() throws IOException {
        byte[] right = saved(Saved.GRAPH_FLOAT);
        refused("too many values or levels", withText(right, json -> "{\"vertices\":" + "[".repeat(100_000)));
        refused(
                "a number or text that is too long",
                withText(right, json -> "{\"vertices\":" + "1".repeat(100_000) + "}"));
        refused(
                "too many values or levels",
                withText(right, json -> "{\"vertices\":[" + "{},".repeat(1_000_000) + "0]}"));
        refused("at most 16777216 bytes", withText(right, json -> json + " ".repeat(1 << 24)));
        refused("may unpack to at most 200 times", withText(right, json -> " ".repeat(70 << 20)));
        refused("neither a ComputationGraph's", withText(right, json -> "{}"));
        refused("not the JSON of a network", withText(right, json -> "hello"));
        refused("neither", withText(right, json -> ""));
        refused("must have parameters", withText(right, json -> "{\"vertices\":{}}"));
        refused("makes no network", withText(right, json -> "{\"confs\":[{}]}"));
        refused("makes no network", withText(right, json -> json.replace("layers.DenseLayer", "layers.NoSuchLayer")));
    }

    @Test
    void zipsThatArePeculiarAreRefused() throws IOException {
        byte[] right = saved(Saved.GRAPH_FLOAT);
        Map<String, byte[]> some = entries(right);
        some.remove(CONFIGURATION);
        refused("no configuration.json", zip(some));
        Map<String, byte[]> others = entries(right);
        others.remove(COEFFICIENTS);
        refused("no coefficients.bin", zip(others));
        Map<String, byte[]> twice = entries(right);
        twice.put("coefficients.biN", twice.get(COEFFICIENTS));
        byte[] same = replaced(zip(twice), "coefficients.biN", COEFFICIENTS);
        refused("'coefficients.bin' twice", same);
        byte[] encrypted = right.clone();
        int directory = new String(right, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
        encrypted[directory + 8] |= 1;
        refused("encrypted", encrypted);
    }

    private static byte[] replaced(byte[] bytes, String old, String now) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.replace(old, now).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sizes in the directory of the zip that are not those of the content. */
    @Test
    void aDirectoryThatLiesAboutSizesIsRefused() throws IOException {
        byte[] right = saved(Saved.GRAPH_FLOAT);
        int entry = new String(right, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
        for (int field : new int[] {20, 24}) {
            for (int value : new int[] {0, 1, 1 << 20, Integer.MAX_VALUE, -1, -2}) {
                byte[] wrong = right.clone();
                for (int i = 0; i < Integer.BYTES; i++) {
                    wrong[entry + field + i] = (byte) (value >> (8 * i));
                }
                Optional<Fingerprint> found = open(wrong, "field " + field + " = " + value);
                found.ifPresent(fingerprint -> assertEquals(Saved.GRAPH_FLOAT.fingerprint(), fingerprint));
            }
        }
    }

    /** Notices that somebody deserializes it. */
    private static final class Trap implements Serializable {
        private static final long serialVersionUID = 1;
        private static boolean sprung;

        private void readObject(ObjectInputStream in) {
            sprung = true;
        }
    }

    @Test
    void javaObjectsInAZipAreLeftAlone() throws IOException {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(object)) {
            out.writeObject(new Trap());
        }
        Map<String, byte[]> entries = entries(saved(Saved.LAYERS_DOUBLE));
        for (String name : List.of("preprocessor.bin", "normalizer.bin", "updaterState.bin")) {
            entries.put(name, object.toByteArray());
        }
        assertEquals(Optional.of(Saved.LAYERS_DOUBLE.fingerprint()), open(zip(entries), "objects"));
        assertFalse(Trap.sprung);
    }

    @Test
    void whatIsNoFileIsSaidToBeNone() throws IOException {
        Path missing = folder.resolve("missing.zip");
        assertEquals(
                "no such model file: " + missing,
                sentence(assertThrows(IOException.class, () -> BaseModel.open(missing))));
        String aFolder = sentence(assertThrows(IOException.class, () -> BaseModel.open(folder)));
        assertTrue(aFolder.endsWith(folder + ": it is a folder"), aFolder);
        Path device = Path.of("/dev/zero");
        if (Files.exists(device)) {
            String aDevice = sentence(assertThrows(IOException.class, () -> BaseModel.open(device)));
            assertTrue(aDevice.endsWith("it is a pipe or a device, no file"), aDevice);
        }
    }
}
