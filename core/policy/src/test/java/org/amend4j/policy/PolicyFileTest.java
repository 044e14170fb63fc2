/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.LongTexts;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

class PolicyFileTest {

    @TempDir
    Path folder;

    private static SavedPolicy policy(
            ComputationGraph graph, InputShape shape, ActionDistribution distribution, ObservationEncoder encoder) {
        Policy policy = new Policy(Approximators.of(graph, shape), distribution, encoder);
        return new SavedPolicy(policy, new SavedPolicy.Plain(graph), "CartPole-v1");
    }

    private static SavedPolicy plain(long seed) {
        NormalisingEncoder encoder = new NormalisingEncoder(3);
        encoder.learn(ApproximatorLaws.normal(30, seed));
        return policy(
                Networks.twoHeads(DataType.DOUBLE, seed), new InputShape.Row(3), Gaussian.trained(0.5, 2), encoder);
    }

    private static SavedPolicy adapted(long seed) {
        AdaptedModel model = Networks.adapted(Networks.twoHeads(DataType.DOUBLE, seed), seed, "hidden1", "action");
        Policy policy = new Policy(Approximators.of(model.graph()), new Categorical(2), new ObservationEncoder.AsIs(3));
        return new SavedPolicy(policy, new SavedPolicy.Adapted(model), "FrozenLake-v1");
    }

    private static void assertSame(SavedPolicy expected, SavedPolicy found) {
        assertEquals(expected.environment(), found.environment());
        assertArrayEquals(expected.policy().parameters(), found.policy().parameters());
        assertEquals(expected.policy().distribution(), found.policy().distribution());
        assertEquals(expected.shape(), found.shape());
        assertEquals(
                expected.policy().encoder().getClass(), found.policy().encoder().getClass());
        int observation = expected.policy().encoder() instanceof ObservationEncoder.OneHot
                ? 1
                : expected.policy().encoder().size();
        double[] observed = observation == 1 ? new double[] {2} : ApproximatorLaws.normal(observation, 5);
        double[] row = new double[expected.policy().network().inputs()];
        double[] again = new double[row.length];
        expected.policy().encoder().encode(observed, row, 0);
        found.policy().encoder().encode(observed, again, 0);
        assertArrayEquals(row, again);
        assertArrayEquals(
                expected.policy().network().forward(row, new int[] {1}).outputs(),
                found.policy().network().forward(row, new int[] {1}).outputs());
    }

    @Test
    void policiesOfEveryKindComeBackAsTheyWere() throws IOException {
        List<SavedPolicy> all = List.of(
                plain(1),
                policy(
                        Networks.convolutional(DataType.FLOAT, 2),
                        Networks.IMAGE,
                        new Categorical(3),
                        new ObservationEncoder.AsIs(40)),
                policy(
                        Networks.recurrent(DataType.DOUBLE, 3),
                        new InputShape.Sequence(3),
                        Gaussian.fixed(1, 2),
                        new ObservationEncoder.AsIs(3)),
                policy(
                        PolicyGraphs.mlp(PolicyGraphs.Mlp.of(5, 1).withHidden(), 4),
                        new InputShape.Row(5),
                        new Bernoulli(),
                        new ObservationEncoder.OneHot(5)));
        for (SavedPolicy saved : all) {
            ApproximatorLaws.shake(saved.policy().network(), 0.1, 6);
            PolicyFile.write(folder, saved);
            assertSame(saved, PolicyFile.read(folder));
        }
    }

    @Test
    void adaptedPolicyComesBackOnItsBaseOnly() throws IOException {
        SavedPolicy saved = adapted(1);
        BaseModel base = ((SavedPolicy.Adapted) saved.network()).model().base();
        PolicyFile.write(folder, saved);
        SavedPolicy found = PolicyFile.read(folder, base);
        assertSame(saved, found);
        assertInstanceOf(PlannedApproximator.class, found.policy().network());
        assertRefused("needs its base", () -> PolicyFile.read(folder));
        BaseModel other = BaseModel.of(Networks.twoHeads(DataType.DOUBLE, 99));
        assertThrows(PolicyFormatException.class, () -> PolicyFile.read(folder, other));
        PolicyFile.write(folder, plain(2));
        assertRefused("not an adapter", () -> PolicyFile.read(folder, base));
    }

    @Test
    void anOlderPolicyIsReplacedAndItsNetworkRemoved() throws IOException {
        PolicyFile.write(folder, adapted(3));
        Files.writeString(folder.resolve("notes.txt"), "mine");
        SavedPolicy second = plain(4);
        PolicyFile.write(folder, second);
        PolicyFile.write(folder, second);
        assertSame(second, PolicyFile.read(folder));
        assertEquals(3, names(folder).size(), names(folder).toString());
        assertTrue(Files.exists(folder.resolve("notes.txt")));
    }

    /** A stop after the network and before the record leaves the older policy. */
    @Test
    void anInterruptedSaveLeavesTheOlderPolicy() throws IOException {
        SavedPolicy first = plain(5);
        PolicyFile.write(folder, first);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        PolicyFile.write(elsewhere, plain(6));
        for (String name : names(elsewhere)) {
            if (!name.equals(PolicyFile.RECORD)) {
                Files.copy(elsewhere.resolve(name), folder.resolve(name));
            }
        }
        assertSame(first, PolicyFile.read(folder));
    }

    @Test
    void deeplearning4jReadsTheGraph() throws IOException {
        SavedPolicy saved = plain(7);
        PolicyFile.write(folder, saved);
        ComputationGraph graph =
                ModelSerializer.restoreComputationGraph(network().toFile(), false);
        assertEquals(saved.network().graph().params().dup(), graph.params());
    }

    private Path network() throws IOException {
        String name = names(folder).stream()
                .filter(entry -> entry.startsWith("network"))
                .findFirst()
                .orElseThrow();
        return folder.resolve(name);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private interface Reading {
        SavedPolicy read() throws IOException;
    }

    private static void assertRefused(String part, Reading reading) {
        String sentence =
                assertThrows(PolicyFormatException.class, reading::read).getMessage();
        assertTrue(sentence.contains(part), sentence);
        assertEquals(1, sentence.lines().count(), sentence);
    }

    private void assertRefusedWith(String part, String from, String to) throws IOException {
        Path record = folder.resolve(PolicyFile.RECORD);
        String right = Files.readString(record);
        assertTrue(right.contains(from), right);
        Files.writeString(record, right.replace(from, to));
        assertRefused(part, () -> PolicyFile.read(folder));
        Files.writeString(record, right);
    }

    @Test
    void wrongRecordsAreRefusedInOneSentence() throws IOException {
        assertRefused("there is no saved policy", () -> PolicyFile.read(folder));
        PolicyFile.write(folder, plain(8));
        assertRefusedWith("unknown version 2", "\"version\" : 1", "\"version\" : 2");
        assertRefusedWith("format", "amend4j policy", "other policy");
        assertRefusedWith("the name 'version' stands twice", "\"version\" : 1", "\"version\" : 1, \"version\" : 1");
        assertRefusedWith("more", "\"version\" : 1", "\"version\" : 1, \"more\" : 1");
        assertRefusedWith("network must match", "network-", "../network-");
        assertRefusedWith("network must match", "\"network\" : \"network-", "\"network\" : \"/tmp/network-");
        assertRefusedWith("categoric", "\"gaussian\"", "\"categoric\"");
        assertRefusedWith("parameters must match", "\"parameters\" : \"", "\"parameters\" : \"x");
        assertRefusedWith("free must have 0", "\"trained\" : true", "\"trained\" : false");
        assertRefusedWith(".size' is missing, or something else belongs there", "\"size\" : 3", "\"size\" : 3.5");
        assertRefusedWith("numbers in a row", "\"size\" : 3", "\"size\" : 2147483647");
        assertRefusedWith("first", "\"kind\" : \"row\"", "\"kind\" : \"image\"");
        assertRefusedWith("printable", "CartPole-v1", "");
        String record = Files.readString(folder.resolve(PolicyFile.RECORD));
        int digest = record.indexOf("\"parameters\" : \"") + "\"parameters\" : \"".length();
        assertRefusedWith("exchanged or damaged", record.substring(digest, digest + 64), "0".repeat(64));
        assertSame(plain(8), PolicyFile.read(folder));
    }

    @Test
    void aRefusalIsShortHoweverLongTheTextsOfTheFile() throws IOException {
        PolicyFile.write(folder, plain(8));
        Path record = folder.resolve(PolicyFile.RECORD);
        LongTexts.everywhere(Files.readString(record), text -> {
            Files.writeString(record, text);
            PolicyFile.read(folder);
        });
    }

    @Test
    void aRecordThatIsNotUtf8IsRefused() throws IOException {
        PolicyFile.write(folder, plain(8));
        byte[] record = Files.readAllBytes(folder.resolve(PolicyFile.RECORD));
        int name = new String(record, StandardCharsets.ISO_8859_1).indexOf("CartPole");
        record[name] = (byte) 0xff;
        Files.write(folder.resolve(PolicyFile.RECORD), record);
        assertRefused("it is not UTF-8", () -> PolicyFile.read(folder));
    }

    /** No damaged byte gets through unnoticed as another policy, and none ends in anything but a sentence. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @OneIn(3)
    void damagedFilesAreRefusedOrReadAsTheyWere(long seed) throws IOException {
        SavedPolicy saved = plain(seed);
        PolicyFile.write(folder, saved);
        Random random = new Random(seed);
        Path zip = network();
        byte[] right = Files.readAllBytes(zip);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] wrong = right.clone();
            if (i % 3 == 0) {
                wrong = java.util.Arrays.copyOf(right, random.nextInt(right.length));
            } else {
                wrong[random.nextInt(right.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(zip, wrong);
            try {
                assertArrayEquals(
                        saved.policy().parameters(),
                        PolicyFile.read(folder).policy().parameters());
            } catch (PolicyFormatException e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 100, "refused " + refused);
    }

    private static Map<String, byte[]> entries(Path zip) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream stream = new ZipInputStream(Files.newInputStream(zip))) {
            ZipEntry entry = stream.getNextEntry();
            while (entry != null) {
                entries.put(entry.getName(), stream.readAllBytes());
                entry = stream.getNextEntry();
            }
        }
        return entries;
    }

    private static void write(Path zip, Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream stream = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                stream.putNextEntry(new ZipEntry(entry.getKey()));
                stream.write(entry.getValue());
            }
        }
    }

    @Test
    void zipsThatLieAboutTheirSizeAllocateNothing() throws IOException {
        PolicyFile.write(folder, plain(9));
        Map<String, byte[]> entries = entries(network());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeUTF("LONG_SHAPE");
            data.writeLong(Long.MAX_VALUE);
            data.writeUTF("LONG");
        }
        Map<String, byte[]> shape = new LinkedHashMap<>(entries);
        shape.put(ModelSerializer.COEFFICIENTS_BIN, bytes.toByteArray());
        write(network(), shape);
        assertRefused("must begin with a shape", () -> PolicyFile.read(folder));

        Map<String, byte[]> wide = new LinkedHashMap<>(entries);
        String json = new String(entries.get(ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8);
        String large = json.replaceFirst("\"nin\" : 9", "\"nin\" : 1000000000");
        assertTrue(!large.equals(json), json);
        wide.put(ModelSerializer.CONFIGURATION_JSON, large.getBytes(StandardCharsets.UTF_8));
        write(network(), wide);
        assertRefused("sizes in a configuration must be in", () -> PolicyFile.read(folder));

        Map<String, byte[]> more = new LinkedHashMap<>(entries);
        more.put("updaterState.bin", new byte[1]);
        write(network(), more);
        assertRefused("entries must be", () -> PolicyFile.read(folder));
        write(network(), entries);
        assertSame(plain(9), PolicyFile.read(folder));
    }

    @Test
    void policiesThatAreNotTheGraphsAreRefused() {
        SavedPolicy saved = plain(10);
        ComputationGraph other = Networks.twoHeads(DataType.DOUBLE, 11);
        assertThrows(
                IllegalArgumentException.class,
                () -> new SavedPolicy(saved.policy(), new SavedPolicy.Plain(other), "x"));
        assertThrows(IllegalArgumentException.class, () -> new SavedPolicy(saved.policy(), saved.network(), "a\nb"));
    }
}
