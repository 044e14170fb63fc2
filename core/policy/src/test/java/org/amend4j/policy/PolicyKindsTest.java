/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a saved policy's file may name, and what becomes of it. */
class PolicyKindsTest {

    private static final PolicyKinds OWN = PolicyKinds.STANDARD
            .withDistribution("org.example.logistic", Logistic.class)
            .withEncoder("org.example.angle", Angle.class)
            .withEncoder("org.example.scaled", Scaled.class, Scaled.Settings.class, Scaled::settings, Scaled::new);

    @TempDir
    Path folder;

    /** An angle as a point of the circle. */
    public record Angle(double turns) implements ObservationEncoder {

        @Override
        public Facts facts() {
            return Facts.of("Angle").with("turns", turns);
        }

        @Override
        public int observationSize() {
            return 1;
        }

        @Override
        public int size() {
            return 2;
        }

        @Override
        public void encode(double[] observation, double[] inputs, int at) {
            inputs[at] = Math.cos(turns * observation[0]);
            inputs[at + 1] = Math.sin(turns * observation[0]);
        }
    }

    /** A number by the largest that was seen. */
    static final class Scaled implements ObservationEncoder {

        record Settings(double least, List<String> remarks) {}

        private final Settings settings;
        private double largest;

        Scaled(Settings settings) {
            this.settings = settings;
            largest = settings.least;
        }

        Settings settings() {
            return settings;
        }

        @Override
        public Facts facts() {
            return Facts.of("Scaled").with("least", settings.least).with("remarks", String.join(" ", settings.remarks));
        }

        @Override
        public int observationSize() {
            return 1;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public void encode(double[] observation, double[] inputs, int at) {
            inputs[at] = observation[0] / largest;
        }

        @Override
        public boolean learns() {
            return true;
        }

        @Override
        public void learn(double[] observations) {
            for (double observation : observations) {
                largest = Math.max(largest, Math.abs(observation));
            }
        }

        @Override
        public double[] statistics() {
            return new double[] {largest};
        }

        @Override
        public void setStatistics(double[] statistics) {
            largest = statistics[0];
        }

        @Override
        public String toString() {
            return "Scaled" + settings;
        }
    }

    private static SavedPolicy saved(ActionDistribution distribution, ObservationEncoder encoder) {
        ComputationGraph graph = PolicyGraphs.mlp(
                PolicyGraphs.Mlp.of(encoder.size(), distribution.outputs()).withHidden(2), 7);
        return new SavedPolicy(
                new Policy(Approximators.of(graph), distribution, encoder), new SavedPolicy.Plain(graph), "Mine-v0");
    }

    private static void requireSame(SavedPolicy expected, SavedPolicy found, double... observation) {
        assertEquals(expected.policy().distribution(), found.policy().distribution());
        assertEquals(
                expected.policy().encoder().toString(), found.policy().encoder().toString());
        assertArrayEquals(expected.policy().parameters(), found.policy().parameters());
        assertArrayEquals(
                expected.policy().encoder().statistics(),
                found.policy().encoder().statistics());
        double[][] rows = new double[2][expected.policy().encoder().size()];
        expected.policy().encoder().encode(observation, rows[0], 0);
        found.policy().encoder().encode(observation, rows[1], 0);
        assertArrayEquals(rows[0], rows[1]);
    }

    private static Path old(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(PolicyKindsTest.class.getResource("version1/" + name))
                .toURI());
    }

    /** The record's text, with numbers as this release of Java writes them: 19 and later write fewer digits. */
    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                all.put(
                        String.valueOf(file.getFileName()),
                        file.endsWith(PolicyFile.RECORD)
                                ? new JsonMapper().readTree(file.toFile()).toPrettyString()
                                : ""); // named after its content
            }
        }
        return all;
    }

    /** Written by the version before kinds could be added. */
    @ParameterizedTest
    @ValueSource(strings = {"gaussian", "fixed", "categorical", "bernoulli"})
    void oldFilesAreReadAndWrittenAgainAsTheyWere(String name) throws IOException, URISyntaxException {
        SavedPolicy old = PolicyFile.read(old(name));
        PolicyFile.write(folder, old);
        assertEquals(contents(old(name)), contents(folder));
    }

    @Test
    void flatteningEncodersComeBackWithWhatEachPartLearned() throws IOException {
        Map<String, Space> parts = new LinkedHashMap<>();
        parts.put("where", Space.Box.symmetric(1, 2));
        parts.put("what", Space.MultiDiscrete.of(2, 3));
        ObservationEncoder encoder = ObservationEncoder.normalising(new Space.Dict(parts));
        encoder.learn(new double[] {0.5, 1, 0, 2, -0.25, 0, 1, 1});
        SavedPolicy policy = saved(MultiCategorical.of(2, 4), encoder);
        PolicyFile.write(folder, policy);
        SavedPolicy found = PolicyFile.read(folder);
        requireSame(policy, found, 0.3, -1, 1, 2);
        assertEquals(
                "FlatteningEncoder[NormalisingEncoder[size=2], OneHot[size=2], OneHot[size=3]]",
                found.policy().encoder().toString());
    }

    @Test
    void onesOwnComeBackIfTheReaderKnowsThemAndElseAreNamed() throws IOException {
        Scaled scaled = new Scaled(new Scaled.Settings(0.5, List.of("a", "b")));
        scaled.learn(new double[] {3, -4});
        ObservationEncoder encoder = new FlatteningEncoder(List.of(new Angle(2), scaled));
        SavedPolicy policy = saved(new Logistic(0.25), encoder);
        PolicyFile.write(folder, policy, OWN);
        requireSame(policy, PolicyFile.read(folder, OWN), 0.3, 2);
        refused(
                "is of the kind 'org.example.logistic', which is none of [categorical, bernoulli,",
                "withDistribution(\"org.example.logistic\"",
                PolicyKinds.STANDARD);
        refused(
                "the policy's encoder is of the kind 'org.example.angle'",
                "withEncoder(",
                PolicyKinds.STANDARD.withDistribution("org.example.logistic", Logistic.class));
    }

    private void refused(String part, String help, PolicyKinds kinds) {
        String sentence = assertThrows(PolicyFormatException.class, () -> PolicyFile.read(folder, kinds))
                .getMessage();
        assertTrue(sentence.contains(part) && sentence.contains(help), sentence);
        assertEquals(1, sentence.lines().count(), sentence);
    }

    private void rewrite(String from, String to) throws IOException {
        Path record = folder.resolve(PolicyFile.RECORD);
        String right = Files.readString(record);
        assertTrue(right.contains(from), right);
        Files.writeString(record, right.replace(from, to));
    }

    @Test
    void whatCannotBeReadAgainIsNotWritten() throws IOException {
        SavedPolicy policy = saved(new Logistic(1), new Angle(1));
        String sentence = assertThrows(IllegalArgumentException.class, () -> PolicyFile.write(folder, policy))
                .getMessage();
        assertTrue(sentence.contains("withDistribution(name, Logistic.class)"), sentence);
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    /** A class whose constructor leaves a trace. */
    public static final class Trap {

        public Trap() {
            System.setProperty(Trap.class.getName(), "sprung");
        }
    }

    /** A careless user's settings: Jackson would take the class from the file. */
    record Careless(
            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Object anything) {}

    @Test
    void noClassThatAFileNamesIsEverMade() throws IOException {
        SavedPolicy policy = saved(new Categorical(2), new ObservationEncoder.AsIs(1));
        PolicyFile.write(folder, policy);
        String trap = Trap.class.getName();
        rewrite("\"kind\" : \"as-is\",", "\"kind\" : \"careless\", \"anything\" : {\"@class\" : \"" + trap + "\"}");
        rewrite("\n    \"size\" : 1\n  }\n}", "}}");
        PolicyKinds careless = PolicyKinds.STANDARD.withEncoder(
                "careless",
                Scaled.class,
                Careless.class,
                encoder -> new Careless(""),
                settings -> new Scaled(new Scaled.Settings(1, List.of())));
        refused("Trap", "is not a policy record", careless);
        PolicyFile.write(folder, policy);
        rewrite("\"categorical\"", "\"" + trap + "\"");
        refused("which is none of", "categorical", PolicyKinds.STANDARD);
        assertNull(System.getProperty(trap));
    }

    @Test
    void brokenKindsAreOneSentence() throws IOException {
        PolicyFile.write(folder, saved(new Logistic(2), new ObservationEncoder.OneHot(2)), OWN);
        rewrite("\"scale\" : 2.0", "\"scale\" : -2.0");
        refused("scale must be > 0", "-2.0", OWN);
        rewrite("\"scale\" : -2.0", "\"scale\" : 2.0, \"more\" : 1");
        refused("more", "is not a policy record", OWN);
        PolicyFile.write(
                folder, saved(new Categorical(2), ObservationEncoder.normalising(Space.MultiDiscrete.of(2, 2))));
        rewrite("\"parts\"", "\"pieces\"");
        refused("must have its parts only", "flattening", OWN);
        PolicyFile.write(folder, saved(new Categorical(2), new NormalisingEncoder(1)));
        rewrite("\"size\" : 1,\n    \"statistics\"", "\"size\" : 2000000000,\n    \"statistics\"");
        refused("statistics must have 1 + 2 · 2000000000 numbers", "got 3", OWN);
    }

    /** A record that says more than its settings. */
    record Talking(int size) {
        public int getDouble() {
            return 2 * size;
        }
    }

    @Test
    void namesAndSettingsAreCheckedWhenTheyAreGiven() {
        PolicyKinds kinds = PolicyKinds.STANDARD;
        assertThrows(IllegalArgumentException.class, () -> kinds.withDistribution("gaussian", Logistic.class));
        assertThrows(IllegalArgumentException.class, () -> kinds.withDistribution("mine", Gaussian.class));
        assertThrows(IllegalArgumentException.class, () -> kinds.withDistribution("../mine", Logistic.class));
        assertThrows(IllegalArgumentException.class, () -> kinds.withEncoder("flattening", Angle.class));
        PolicyKinds talking = kinds.withEncoder(
                "talking",
                Scaled.class,
                Talking.class,
                encoder -> new Talking(1),
                settings -> new Scaled(new Scaled.Settings(1, List.of())));
        Scaled scaled = new Scaled(new Scaled.Settings(1, List.of()));
        String sentence = assertThrows(
                        IllegalArgumentException.class,
                        () -> PolicyFile.write(folder, saved(new Categorical(2), scaled), talking))
                .getMessage();
        assertTrue(sentence.contains("settings must come back from a file as they are"), sentence);
    }
}
