/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.StopRule;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.environment.VectorSnapshot;
import org.amend4j.environment.VectorStep;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bridge's own Python against a package that stands in for Gymnasium, in src/test/resources. */
class GymnasiumProcessTest {

    @BeforeAll
    static void python() throws InterruptedException {
        boolean found;
        try {
            found = new ProcessBuilder("python3", "--version")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            found = false;
        }
        assumeTrue(found, "skipped: the bridge to Gymnasium needs python3, which is not installed here");
    }

    static GymnasiumOptions standIn() {
        return GymnasiumOptions.STANDARD.withPython("env", "PYTHONPATH=" + packages(), "python3", "-B");
    }

    private static Path packages() {
        try {
            return Path.of(Objects.requireNonNull(GymnasiumProcessTest.class.getResource("peer"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GymnasiumProcess start(String name, int rows) {
        return GymnasiumProcess.start(name + "-v0", rows, standIn());
    }

    private static VectorEnvironment vector(EnvironmentBatch batch, Autoreset autoreset) {
        return new VectorEnvironment(batch, autoreset, 1000);
    }

    /** The stand-in's Environment, once more in Java. */
    private static final class Twin implements Environment {

        private int position;
        private int steps;

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(1e6, Double.POSITIVE_INFINITY);
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(3);
        }

        @Override
        public double[] reset(long seed) {
            position = (int) (GymnasiumProcess.seed(seed) % 1000);
            steps = 0;
            return new double[] {position, 0};
        }

        @Override
        public StepResult step(double... action) {
            position += (int) action[0];
            steps++;
            boolean terminated = position > 1003 && position % 2 == 0;
            return new StepResult(new double[] {position, steps / 3.0}, 0.1 * position, terminated, steps >= 5);
        }
    }

    private static double[][] actions(int rows, SplitMix64 random) {
        double[][] actions = new double[rows][];
        Arrays.setAll(actions, row -> new double[] {random.nextInt(3)});
        return actions;
    }

    private static void assertSame(VectorStep expected, VectorStep step) {
        assertTrue(Arrays.deepEquals(expected.observations(), step.observations()));
        assertTrue(Arrays.deepEquals(expected.successors(), step.successors()));
        assertArrayEquals(expected.rewards(), step.rewards());
        assertArrayEquals(expected.terminated(), step.terminated());
        assertArrayEquals(expected.truncated(), step.truncated());
        assertArrayEquals(expected.resets(), step.resets());
    }

    @ParameterizedTest
    @EnumSource(
            value = Autoreset.class,
            names = {"SAME_STEP", "NEXT_STEP"})
    @OneIn(2)
    void aVectorOverTheBridgeIsTheVectorOfTheSameEnvironmentsInJava(Autoreset autoreset) {
        try (GymnasiumProcess gymnasium = start("Environment", 4)) {
            VectorEnvironment bridged = vector(gymnasium, autoreset);
            VectorEnvironment twins = VectorEnvironment.of(4, Twin::new, autoreset);
            assertEquals(twins.observationSpace(), bridged.observationSpace());
            assertEquals(twins.actionSpace(), bridged.actionSpace());
            assertTrue(Arrays.deepEquals(twins.reset(998), bridged.reset(998)));
            SplitMix64 random = new SplitMix64(1);
            boolean terminated = false;
            boolean truncated = false;
            for (int t = 0; t < 3000; t++) {
                double[][] actions = actions(4, random);
                VectorStep expected = twins.step(actions);
                assertSame(expected, bridged.step(actions));
                for (int row = 0; row < 4; row++) {
                    terminated |= expected.terminated()[row];
                    truncated |= expected.truncated()[row];
                }
            }
            assertTrue(truncated);
            assertTrue(terminated);
            assertEquals(0, bridged.allowedActions().length);
        }
    }

    @Test
    void aSnapshotIsRestoredInAnotherProcess() {
        SplitMix64 random = new SplitMix64(2);
        try (GymnasiumProcess one = start("Environment", 3);
                GymnasiumProcess other = start("Environment", 3);
                GymnasiumProcess changed =
                        GymnasiumProcess.start("Environment-v0", 3, standIn().withArguments(Map.of("offset", 1)))) {
            VectorEnvironment whole = vector(one, Autoreset.SAME_STEP);
            whole.reset(5);
            for (int t = 0; t < 33; t++) {
                whole.step(actions(3, random));
            }
            VectorSnapshot snapshot = whole.snapshot();
            VectorEnvironment restored = vector(other, Autoreset.SAME_STEP);
            restored.restore(snapshot);
            for (int t = 0; t < 20; t++) {
                double[][] actions = actions(3, random);
                assertSame(whole.step(actions), restored.step(actions));
            }
            VectorEnvironment moved = vector(changed, Autoreset.SAME_STEP);
            assertThrows(IllegalArgumentException.class, () -> moved.restore(snapshot));
        }
    }

    @Test
    void aRowByItselfIsAnEnvironment() {
        try (GymnasiumProcess gymnasium = start("Environment", 2)) {
            Environment row = gymnasium.environment(1);
            assertThrows(IllegalStateException.class, () -> row.step(0));
            assertArrayEquals(new double[] {7, 0}, row.reset(7));
            for (int t = 1; t < 5; t++) {
                assertFalse(row.step(1).ended());
            }
            StepResult last = row.step(2);
            assertArrayEquals(new double[] {13, 5 / 3.0}, last.observation());
            assertTrue(last.truncated() && !last.terminated());
            assertThrows(IllegalStateException.class, () -> row.step(0));
            assertThrows(IllegalArgumentException.class, () -> gymnasium.environment(2));
        }
    }

    /** As at an end, where many environments tell no mask any more. */
    @Test
    void aMaskThatIsNotToldIsNotTheOneBefore() {
        try (GymnasiumProcess gymnasium = start("SometimesMasked", 3)) {
            int[] rows = {0, 1, 2};
            boolean[] all = {true, true, true};
            gymnasium.reset(rows, new long[] {4, 5, 6});
            assertArrayEquals(new boolean[] {true, false, false}, gymnasium.allowedActions(0));
            gymnasium.step(rows, new double[][] {{1}, {1}, {2}});
            assertArrayEquals(new boolean[] {true, true, false}, gymnasium.allowedActions(0), "5 is odd");
            assertArrayEquals(all, gymnasium.allowedActions(1), "6 tells none");
            assertArrayEquals(all, gymnasium.allowedActions(2), "8 tells none");
            gymnasium.step(rows, new double[][] {{1}, {2}, {2}});
            assertArrayEquals(all, gymnasium.allowedActions(0), "nobody tells one");
        }
    }

    @Test
    void seedsHave32BitsAndAnIndexOutsideItsSpaceIsRefused() {
        for (long seed : new long[] {0, 1, -1, Long.MIN_VALUE, 0xFFFFFFFFL, 1L << 32}) {
            long folded = GymnasiumProcess.seed(seed);
            assertTrue(folded >= 0 && folded < 1L << 32, () -> "" + seed);
        }
        assertEquals(0xFFFFFFFFL, GymnasiumProcess.seed(0xFFFFFFFFL));
        try (GymnasiumProcess gymnasium = start("OutOfSpace", 1)) {
            String refused = Refusals.refused(
                    GymnasiumException.class,
                    "an observation must lie in its space",
                    () -> gymnasium.reset(new int[] {0}, new long[] {7}));
            assertTrue(refused.contains("[7.0]"), refused);
        }
    }

    @Test
    void masksAndShiftedIndicesComeThrough() {
        try (GymnasiumProcess gymnasium = start("Masked", 2)) {
            VectorEnvironment vector = vector(gymnasium, Autoreset.SAME_STEP);
            assertEquals(new Space.Discrete(5000), vector.observationSpace());
            assertTrue(Arrays.deepEquals(new double[][] {{4}, {5}}, vector.reset(4)));
            assertArrayEquals(new boolean[] {true, false, false, true, true, false}, vector.allowedActions());
            vector.step(new double[][] {{1}, {0}});
            assertArrayEquals(new boolean[] {true, true, false, true, true, false}, vector.allowedActions());
        }
    }

    @Test
    void boxesOfAnyShapeAreRowsOfNumbers() {
        try (GymnasiumProcess gymnasium = start("Continuous", 1)) {
            VectorEnvironment vector = vector(gymnasium, Autoreset.SAME_STEP);
            assertEquals(Space.Box.symmetric(1, 1), vector.actionSpace());
            vector.reset(3);
            double tenth = 0.1;
            VectorStep step = vector.step(new double[][] {{tenth, 1.0 / 3}});
            assertEquals(3 + (10 * tenth + 1.0 / 3), step.observations()[0][0]);
        }
    }

    @Test
    void whatEnvironmentsPrintIsNotTakenForAnAnswer() {
        try (GymnasiumProcess gymnasium = start("Chatty", 1)) {
            Environment row = gymnasium.environment(0);
            row.reset(7);
            assertEquals(8, row.step(1).observation()[0]);
        }
    }

    @Test
    void aRewardThatIsNoNumberIsNamedByRowAndStep() {
        try (GymnasiumProcess gymnasium = start("NotANumber", 2)) {
            VectorEnvironment vector = vector(gymnasium, Autoreset.SAME_STEP);
            vector.reset(0);
            double[][] actions = {{0}, {0}};
            vector.step(actions);
            IllegalStateException refused = assertThrows(IllegalStateException.class, () -> vector.step(actions));
            assertEquals("reward must be finite, got NaN (row 0, step 1)", refused.getMessage());
        }
    }

    @Test
    void anErrorInGymnasiumIsOneSentenceAndAResetGoesOn() {
        try (GymnasiumProcess gymnasium = start("Raising", 2)) {
            VectorEnvironment vector = vector(gymnasium, Autoreset.SAME_STEP);
            vector.reset(0);
            vector.step(new double[][] {{0}, {2}});
            GymnasiumException failed =
                    assertThrows(GymnasiumException.class, () -> vector.step(new double[][] {{0}, {2}}));
            assertEquals("Gymnasium failed (ValueError: a joint broke)", failed.getMessage());
            assertThrows(IllegalStateException.class, () -> vector.step(new double[][] {{0}, {0}}));
            vector.reset(0);
            vector.step(new double[][] {{0}, {0}});
        }
    }

    /** Else {"lives": 3} of a step in four parts would be taken for a truncation. */
    @ParameterizedTest
    @ValueSource(strings = {"OldStep", "OldStepUnpacked"})
    void aStepOfGymsOldFormIsRefused(String name) {
        try (GymnasiumProcess gymnasium = start(name, 1)) {
            gymnasium.reset(new int[] {0}, new long[] {1});
            assertEquals(
                    "Gymnasium failed (TypeError: step must give observation, reward, terminated, truncated and info, got 4"
                            + " values: Gym's own had 4 values before 0.26)",
                    message(() -> gymnasium.step(new int[] {0}, new double[][] {{1}})));
        }
    }

    @Test
    void aResetOfGymsOldFormIsRefusedAndSoIsAFlagThatIsNone() {
        try (GymnasiumProcess reset = start("OldReset", 1);
                GymnasiumProcess flag = start("NoFlag", 1)) {
            assertEquals(
                    "Gymnasium failed (TypeError: reset must give observation and info: Gym's own gave the observation alone"
                            + " before 0.26)",
                    message(() -> reset.reset(new int[] {0}, new long[] {1})));
            flag.reset(new int[] {0}, new long[] {1});
            assertEquals(
                    "Gymnasium failed (ValueError: one number expected, got {'lives': 3})",
                    message(() -> flag.step(new int[] {0}, new double[][] {{1}})));
        }
    }

    @Test
    void aProcessThatDiesSaysItsLastWords() {
        try (GymnasiumProcess gymnasium = start("Dying", 1)) {
            Environment row = gymnasium.environment(0);
            row.reset(0);
            String sentence = "Gymnasium's process ended (exit code 3): MemoryError: the simulator is full";
            assertEquals(sentence, message(() -> row.step(0)));
            assertEquals(sentence, message(() -> row.reset(0)));
            assertFalse(gymnasium.isAlive());
        }
    }

    /** The stand-in's step takes ten minutes. */
    @Tag("exhaustive")
    @Test
    void anAnswerThatDoesNotComeIsWaitedForAsLongAsAllowed() {
        GymnasiumOptions impatient = standIn().withTimeOut(Duration.ofSeconds(5));
        try (GymnasiumProcess gymnasium = GymnasiumProcess.start("Sleeping-v0", 1, impatient)) {
            Environment row = gymnasium.environment(0);
            row.reset(0);
            assertEquals("Gymnasium's process must answer within 5000 ms, and was stopped", message(() -> row.step(0)));
            assertTrue(message(() -> row.reset(0)).startsWith("Gymnasium's process ended (exit code "));
        }
    }

    @Test
    void a_row_shows_what_it_looks_like_now() {
        try (GymnasiumProcess shown = GymnasiumEnvironments.withPictures("gymnasium:Shown-v0", standIn())) {
            assertEquals(OptionalDouble.of(12.5), shown.picturesPerSecond());
            Environment row = shown.environment(0);
            row.reset(7);
            row.step(2);
            GymnasiumPicture picture = shown.picture(0);
            assertEquals(2, picture.height());
            assertEquals(3, picture.width());
            assertArrayEquals(new byte[] {9, 1, 0, 9, 1, 0, 9, 1, 0, 9, 1, -1, 9, 1, -1, 9, 1, -1}, picture.rgb());
            assertArrayEquals(new double[] {10, 2 / 3.0}, row.step(1).observation());
            assertThrows(IllegalArgumentException.class, () -> shown.picture(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "transparent"})
    void what_is_no_picture_is_refused_in_one_sentence(String what) {
        String id = "gymnasium:Shown-v0?shown=" + what;
        try (GymnasiumProcess shown = GymnasiumEnvironments.withPictures(id, standIn())) {
            shown.environment(0).reset(7);
            String refused = message(() -> shown.picture(0));
            assertTrue(refused.contains("render must give bytes of height x width x 3"), refused);
        }
    }

    private static String message(Runnable action) {
        return failure(action).getMessage();
    }

    @Test
    void withoutPythonOrGymnasiumOrTheEnvironmentThereIsOneSentence() {
        GymnasiumOptions noPython = GymnasiumOptions.STANDARD.withPython("no-such-python");
        String missing = message(() -> GymnasiumProcess.start("Environment-v0", 1, noPython));
        assertTrue(missing.startsWith("Python must be installed: 'no-such-python' cannot be started"), missing);

        // isolated from site packages, so that it is missing everywhere
        GymnasiumOptions noGymnasium = GymnasiumOptions.STANDARD.withPython("python3", "-I", "-S");
        String none = message(() -> GymnasiumProcess.start("Environment-v0", 1, noGymnasium));
        assertTrue(none.startsWith("Gymnasium must be installed for "), none);
        assertTrue(none.contains("pip install gymnasium"), none);

        assertEquals(
                "Gymnasium cannot make 'Nothing-v0' (KeyError: 'no environment Nothing-v0')",
                message(() -> start("Nothing", 1)));
        assertEquals(
                "Gymnasium cannot make 'Unflat-v0' (TypeError: the observation space must be Discrete, MultiDiscrete, MultiBinary,"
                        + " Box, or a Dict or Tuple of those, got Graph(a, b))",
                message(() -> start("Unflat", 1)));
    }

    /** What another Python would not change is not said to be missing. */
    @Test
    void onlyWhatIsMissingIsSaidToBe() {
        for (List<String> python : List.of(List.of("no-such-python"), List.of("python3", "-I", "-S"))) {
            GymnasiumOptions none = GymnasiumOptions.STANDARD.withPython(python.toArray(String[]::new));
            assertTrue(failure(() -> GymnasiumProcess.start("Environment-v0", 1, none))
                    .isMissing());
        }
        assertTrue(failure(() -> start("NoPackage", 1)).isMissing());
        assertFalse(failure(() -> start("Nothing", 1)).isMissing());
        assertFalse(failure(() -> start("Unflat", 1)).isMissing());
    }

    private static GymnasiumException failure(Runnable action) {
        return assertThrows(GymnasiumException.class, action::run);
    }

    /** Python's {@code -c} would look there first, for its own modules too. */
    @ParameterizedTest
    @ValueSource(strings = {"", ":", ".:", "src:"})
    void noModuleComesFromTheWorkingDirectory(String pythonPath, @TempDir Path folder) throws IOException {
        String module = "open('" + folder.resolve("ran") + "', 'w')";
        Files.createDirectory(folder.resolve("src"));
        for (String name : List.of("gymnasium", "json", "site", "sitecustomize", "usercustomize", "evil")) {
            Files.writeString(folder.resolve(name + ".py"), module);
            Files.writeString(folder.resolve("src").resolve(name + ".py"), module);
        }
        GymnasiumOptions there = GymnasiumOptions.STANDARD.withPython(
                "env", "-C", folder.toString(), "PYTHONPATH=" + pythonPath + packages(), "python3", "-B");
        try (GymnasiumProcess gymnasium = GymnasiumProcess.start("Environment-v0", 1, there)) {
            assertEquals(1, gymnasium.reset(new int[] {0}, new long[] {0}).length);
        }
        assertFalse(Files.exists(folder.resolve("ran")));
    }

    /** A peer of one line each, in the shell's words. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"protocol\":1}|the peer's protocol must be 4, got 1",
                "hello|an answer must be JSON, got 'hello'",
                "7|an answer must be a JSON object, got '7'",
                "{\"protocol\":4,\"observation\":{\"low\":[0],\"high\":[1,2]},\"action\":{\"count\":2}}"
                        + "|'observation' of an answer must be lists of 1, got {\"low\":[0],\"high\":[1,2]}",
            })
    void anotherProtocolIsRefused(String lineAndSentence) {
        String[] parts = lineAndSentence.split("\\|", -1);
        GymnasiumOptions foreign = GymnasiumOptions.STANDARD.withPython("sh", "-c", "echo '" + parts[0] + "'");
        assertEquals(parts[1], message(() -> GymnasiumProcess.start("any", 1, foreign)));
    }

    /** In the shell's words again: a block and how it is told. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\000\\377\\377\\377\\377abc|was stopped: of its answers, a block must have at most 268435456 bytes",
                "\\000\\020\\000\\000\\001abc|was stopped: of its answers, a block must have at most 268435456 bytes",
                "\\000\\020\\000\\000\\000abc|ended (exit code 0): reading failed: a block must have 268435456 bytes, got 3",
                "\\000\\000|ended (exit code 0): reading failed: a block's length must have 4 bytes, got 1",
            })
    void aBlockThatCannotBeIsOneSentence(String bytesAndSentence) {
        String[] parts = bytesAndSentence.split("\\|", -1);
        GymnasiumOptions foreign = GymnasiumOptions.STANDARD.withPython("sh", "-c", "printf '" + parts[0] + "'");
        assertEquals("Gymnasium's process " + parts[1], message(() -> GymnasiumProcess.start("any", 1, foreign)));
    }

    @Test
    void aBlockThatDoesNotGoOnIsWaitedForAsLongAsAllowed() {
        GymnasiumOptions foreign = GymnasiumOptions.STANDARD
                .withPython("sh", "-c", "printf '\\000\\000\\000\\000\\012abc'; sleep 600")
                .withTimeOut(Duration.ofSeconds(1));
        assertEquals(
                "Gymnasium's process must answer within 1000 ms, and was stopped",
                message(() -> GymnasiumProcess.start("any", 1, foreign)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\000\\000\\000\\000\\003abc"})
    void aBlockOfAnotherSizeThanThePicturesIsRefused(String block) {
        GymnasiumOptions foreign = GymnasiumOptions.STANDARD.withPython(
                "sh",
                "-c",
                "echo '{\"protocol\":4,\"observation\":{\"low\":[0,0],\"high\":[9,9]},\"action\":{\"count\":2},\"leaves\":[[2,true]]}'; read asked;"
                        + " printf '" + block + "{\"observations\":\"block\"}\\n'");
        try (GymnasiumProcess process = GymnasiumProcess.start("any", 1, foreign)) {
            assertEquals(
                    "the block of an answer must have 2 bytes, got " + (block.isEmpty() ? 0 : 3),
                    message(() -> process.reset(new int[] {0}, new long[] {0})));
        }
    }

    /** Bytes in a block, numbers in lists, and lists where one row of several has no array of bytes. */
    @ParameterizedTest
    @CsvSource({"Pictures, ListedPictures", "SomePictures, ListedPictures", "PicturesWithin, ListedPicturesWithin"})
    void picturesInABlockAreThoseInJson(String name, String listed) {
        try (GymnasiumProcess blocks = start(name, 3);
                GymnasiumProcess lists = start(listed, 3)) {
            VectorEnvironment one = vector(blocks, Autoreset.SAME_STEP);
            VectorEnvironment other = vector(lists, Autoreset.SAME_STEP);
            double[][] first = one.reset(5);
            assertTrue(Arrays.deepEquals(other.reset(5), first));
            assertEquals(256, Arrays.stream(first[0]).distinct().count());
            SplitMix64 random = new SplitMix64(4);
            for (int t = 0; t < 30; t++) {
                double[][] actions = actions(3, random);
                assertSame(other.step(actions), one.step(actions));
            }
        }
    }

    /** A peer that says a lot, as its answer or as its complaint. */
    @ParameterizedTest
    @ValueSource(strings = {"echo $long", "echo \"{\\\"protocol\\\":\\\"$long\\\"}\"", "echo $long >&2"})
    void whatAPeerSaysIsShownShort(String words) {
        GymnasiumOptions foreign = GymnasiumOptions.STANDARD.withPython(
                "sh", "-c", "long=$(head -c 300000 /dev/zero | tr '\\0' x); " + words);
        String message = message(() -> GymnasiumProcess.start("any", 1, foreign));
        assertTrue(message.length() < 1_000, message.length() + " " + message.substring(0, 100));
    }

    @Test
    void aClosedProcessHasEndedAndSaysSo() {
        GymnasiumProcess gymnasium = start("Environment", 1);
        assertTrue(gymnasium.isAlive());
        gymnasium.close();
        gymnasium.close();
        assertFalse(gymnasium.isAlive());
        assertEquals(
                "Gymnasium's process was closed",
                message(() -> gymnasium.environment(0).reset(1)));
    }

    @Test
    void listsAreArraysAndNumbersMayHaveAListOfTheirOwn() {
        try (GymnasiumProcess lists = start("Lists", 3);
                GymnasiumProcess arrays = start("Environment", 3)) {
            VectorEnvironment one = vector(lists, Autoreset.SAME_STEP);
            VectorEnvironment other = vector(arrays, Autoreset.SAME_STEP);
            assertTrue(Arrays.deepEquals(other.reset(999), one.reset(999)));
            SplitMix64 random = new SplitMix64(4);
            for (int t = 0; t < 30; t++) {
                double[][] actions = actions(3, random);
                assertSame(other.step(actions), one.step(actions));
            }
        }
    }

    @Test
    void partsAndSeveralIntegersComeThroughWithTheirMasks() {
        try (GymnasiumProcess gymnasium = start("Mixed", 2)) {
            VectorEnvironment vector = vector(gymnasium, Autoreset.SAME_STEP);
            Map<String, Space> parts = new LinkedHashMap<>();
            parts.put("where", Space.Box.symmetric(1e6, Double.POSITIVE_INFINITY));
            parts.put("odd", new Space.Discrete(2));
            parts.put("two", Space.MultiDiscrete.of(3, 2));
            assertEquals(new Space.Dict(parts), vector.observationSpace());
            assertEquals(Space.MultiDiscrete.of(3, 2), vector.actionSpace());
            assertTrue(Arrays.deepEquals(new double[][] {{4, 0, 0, 0, 0}, {5, 0, 1, 0, 0}}, vector.reset(4)));
            assertArrayEquals(
                    new boolean[] {true, true, false, false, true, true, true, true, false, true},
                    vector.allowedActions());
            VectorStep step = vector.step(new double[][] {{1, 1}, {2, 0}});
            assertArrayEquals(new double[] {15, 1 / 3.0, 1, 1, 1}, step.observations()[0]);
            assertArrayEquals(new double[] {7, 1 / 3.0, 1, 1, 1}, step.observations()[1]);
        }
    }

    @Test
    void whatIsRegisteredIsKnown() {
        try (GymnasiumProcess limited = start("Limited", 1);
                GymnasiumProcess plain = start("Environment", 1)) {
            assertEquals(OptionalInt.of(7), limited.timeLimit());
            assertEquals(OptionalDouble.of(1.5), limited.rewardThreshold());
            assertEquals(OptionalInt.empty(), plain.timeLimit());
            assertEquals(OptionalDouble.empty(), plain.rewardThreshold());
        }
    }

    /** As after Ctrl-C: a step that is under way is waited for, and the thread stays interrupted. */
    @Test
    void anInterruptedThreadGetsItsAnswerAndStaysInterrupted() {
        try (GymnasiumProcess gymnasium = start("Environment", 1)) {
            Environment row = gymnasium.environment(0);
            row.reset(7);
            Thread.currentThread().interrupt();
            assertEquals(8, row.step(1).observation()[0]);
            assertTrue(Thread.interrupted());
        }
    }

    /** The stand-in's step takes ten minutes, and nobody says goodbye. */
    @Test
    void noPythonOutlivesAJavaThatIsKilled() throws IOException, InterruptedException {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sleeper.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = java.inputReader()) {
            ProcessHandle python =
                    ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            assertTrue(python.isAlive());
            java.destroyForcibly().waitFor();
            python.onExit().orTimeout(1, TimeUnit.MINUTES).join();
            assertFalse(python.isAlive());
        } finally {
            java.destroyForcibly();
        }
    }

    /** Says which process it started, and has that sleep. */
    static final class Sleeper {

        private Sleeper() {}

        public static void main(String[] args) {
            GymnasiumProcess gymnasium = start("Sleeping", 1);
            try (PrintStream output =
                    new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
                output.println(ProcessHandle.current()
                        .children()
                        .findFirst()
                        .orElseThrow()
                        .pid());
            }
            gymnasium.reset(new int[] {0}, new long[] {0});
            gymnasium.step(new int[] {0}, new double[][] {{0}});
        }
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
    }

    /** What learns, plays or fails there closes what it opened. */
    @Test
    void noPythonOutlivesItsRun() {
        List<ProcessHandle> before = children();
        Policy policy = new Policy(
                Approximators.zero(List.of(new DenseShape(2, 4, true, DenseActivation.IDENTITY))),
                new Categorical(3),
                new ObservationEncoder.AsIs(2));
        Task task = task("Environment");
        PolicyScores.of(policy, task, 3, false, 0.9, 10, 1);
        assertEquals(before, children());
        try (PolicyTraining training =
                new PolicyTraining(A2c.Config.DEFAULT.withBatch(2, 8).begin(task, policy, 1), StopRule.steps(64))) {
            assertEquals(before.size() + 1, children().size());
            training.run();
        }
        assertEquals(before, children());

        // fails while it runs, does not fit, is never closed by itself
        assertThrows(GymnasiumException.class, () -> PolicyScores.of(policy, task("Dying"), 3, false, 0.9, 10, 1));
        assertEquals(before, children());
        Policy misfit = new Policy(
                Approximators.zero(List.of(new DenseShape(3, 4, true, DenseActivation.IDENTITY))),
                new Categorical(3),
                new ObservationEncoder.AsIs(3));
        assertThrows(IllegalArgumentException.class, () -> A2c.Config.DEFAULT.begin(task, misfit, 1));
        assertThrows(IllegalArgumentException.class, () -> Reinforce.Config.DEFAULT.begin(task, misfit, 1));
        assertEquals(before, children());
        EnvironmentBatch forgotten = task.environments().apply(1);
        assertEquals(before.size() + 1, children().size());
        task.close();
        assertEquals(before, children());
        forgotten.close();
    }

    private static Task task(String name) {
        return new Task(name, rows -> start(name, rows), OptionalInt.empty());
    }

    @Test
    void optionsThatCannotWorkAreRefused() {
        assertThrows(IllegalArgumentException.class, GymnasiumOptions.STANDARD::withPython);
        assertThrows(IllegalArgumentException.class, () -> GymnasiumOptions.STANDARD.withTimeOut(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> GymnasiumProcess.start("any", 0, GymnasiumOptions.STANDARD));
    }
}
