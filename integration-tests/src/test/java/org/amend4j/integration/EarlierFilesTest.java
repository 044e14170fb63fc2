/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.TrainingCheckpoint;
import org.amend4j.certificate.Issuer;
import org.amend4j.descent.Checkpoint;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.FileTrajectoryStore;
import org.amend4j.descent.StepRecord;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.PolicyFile;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.recording.RecipeFile;
import org.amend4j.recording.RecordedRecipe;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * What users have on the disk from earlier releases is read today, and goes on to the bits it would have come to then. Files are kept
 * under {@code golden} for every release and written by {@link GoldenFilesTest}.
 *
 * <p>Numbers from files are compared exactly. Those that a BLAS computes again depend on the processor, and those of exp and log on
 * the JVM ({@link Golden#hasArithmeticOf}).
 */
class EarlierFilesTest {

    /**
     * Of outputs in FLOAT: four layers, each a sum of at most 32 products of numbers around 1, which errs by 32 · 2⁻²⁴, with slopes
     * of at most 1 between them, and a batch norm that enlarges it tenfold at most.
     */
    private static final double FLOAT = 10 * 4 * 32 * 0x1p-24;

    /**
     * Of parameters in DOUBLE after at most 12 steps of at most 1: a gradient errs by less than 100 · 2⁻⁵³, and a step enlarges what
     * was off before less than twofold.
     */
    private static final double DOUBLE = 12 * 100 * 0x1p-53 * 0x1p12;

    /** Of policies whose networks were computed by loops of their own then, and by plans now: sums in another order, for some ten updates. */
    private static final double OTHER_SUMS = 1e-9;

    @TempDir
    private Path temp;

    private static Stream<Arguments> cases(Enum<?>... kinds) {
        return Golden.RELEASES.stream().flatMap(release -> Stream.of(kinds).map(kind -> Arguments.of(release, kind)));
    }

    static Stream<Arguments> adapters() {
        return cases(GoldenAdapter.values());
    }

    static Stream<Arguments> descents() {
        return cases(GoldenDescent.values());
    }

    static Stream<Arguments> trainings() {
        return cases(GoldenTraining.values());
    }

    static Stream<Arguments> policies() {
        return cases(GoldenPolicy.values());
    }

    static Stream<Arguments> services() {
        return cases(GoldenService.values());
    }

    static Stream<String> releases() {
        return Golden.RELEASES.stream();
    }

    private static double tolerance(GoldenAdapter kind) {
        return kind.type() == DataType.DOUBLE ? DOUBLE : FLOAT;
    }

    private static double[] output(ComputationGraph graph, GoldenAdapter kind) {
        return GoldenAdapter.outputOf(graph, kind.data().getFeatures()).ravel().toDoubleVector();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void anAdapterIsReadOnItsBaseAndComputesWhatItComputed(String release, GoldenAdapter kind) throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        BaseModel base = BaseModel.open(folder.resolve("base.zip"));
        assertEquals(
                Files.readString(folder.resolve("fingerprint.txt")).strip(),
                base.fingerprint().hex());

        AdaptedModel model = AdaptedModel.load(base, folder.resolve("adapter"), GoldenAdapter.training());

        assertArrayEquals(
                Golden.numbers(folder.resolve("parameters.txt")),
                model.graph().params().toDoubleVector());
        double[] expected = Golden.numbers(folder.resolve("output.txt"));
        assertArrayEquals(expected, output(model.graph(), kind), tolerance(kind));
        assertArrayEquals(expected, output(model.merge().network(), kind), tolerance(kind));
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void theZipOfAnAdaptedGraphIsReadWithItsUpdaterAndTrains(String release, GoldenAdapter kind) throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        BaseModel base = BaseModel.open(folder.resolve("base.zip"));

        ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                folder.resolve("graph.zip").toFile(), true);

        assertArrayEquals(
                Golden.numbers(folder.resolve("parameters.txt")), graph.params().toDoubleVector());
        assertArrayEquals(
                Golden.numbers(folder.resolve("updater.txt")),
                graph.getUpdater().getStateViewArray().ravel().toDoubleVector());
        assertArrayEquals(Golden.numbers(folder.resolve("output.txt")), output(graph, kind), tolerance(kind));
        graph.fit(kind.data());
        base.verifyUnchanged();
    }

    /**
     * Deeplearning4j's zips name the classes of configurations, in full, in {@code @class}: these names are file format and frozen. Whoever
     * moves or renames one of these classes teaches the reader the old name.
     */
    @ParameterizedTest
    @MethodSource("releases")
    void zipsNameEveryConfigurationClassOfOurs(String release) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (GoldenAdapter kind : GoldenAdapter.values()) {
            Path zip = Golden.folder(release).resolve(kind.folder()).resolve("graph.zip");
            try (ZipFile file = new ZipFile(zip.toFile())) {
                ZipEntry entry = Objects.requireNonNull(file.getEntry("configuration.json"));
                String json = new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                Pattern.compile("\"org\\.amend4j\\.([\\w.]+)\"")
                        .matcher(json)
                        .results()
                        .forEach(found -> names.add(found.group(1)));
            }
        }
        assertEquals(
                "[lora.FrozenBaseLayer, lora.FrozenBaseVertex, lora.FrozenInputPreProcessor, lora.LoraLayer,"
                        + " lora.PrefixLayer, lora.TrainedLayer, lora.TrainedSameDiffLayer, model.NormClipVertex]",
                names.toString());
    }

    /** They were another program's, whose roundings were others; its files stay until there is no room. */
    @ParameterizedTest
    @MethodSource("adapters")
    void cachedActivationsOfTheCompiledProgramAreComputedAgainOnce(String release, GoldenAdapter kind)
            throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        if (!Files.exists(folder.resolve("cache"))) {
            return; // no prefix
        }
        Map<String, String> before = Golden.bytes(folder.resolve("cache"));
        BaseModel base = BaseModel.open(folder.resolve("base.zip"));
        AdaptedModel model = AdaptedModel.load(base, folder.resolve("adapter"), GoldenAdapter.training());
        try (CachedData data = GoldenAdapter.cached(folder, model.prefix().orElseThrow(), base, kind.data())) {
            assertTrue(data.computed());
            MultiDataSet all = data.iterator(GoldenAdapter.ROWS, 1).next();
            ComputationGraph tail = model.tail();
            double[] outputs = tail.output(false, all.getFeatures())[0].ravel().toDoubleVector();
            // in another order than the file's
            assertEquals(
                    sum(Golden.numbers(folder.resolve("output.txt"))), sum(outputs), outputs.length * tolerance(kind));
        }
        try (CachedData again = GoldenAdapter.cached(folder, model.prefix().orElseThrow(), base, kind.data())) {
            assertFalse(again.computed());
        }
        assertTrue(Golden.bytes(folder.resolve("cache")).entrySet().containsAll(before.entrySet()));
    }

    private static double sum(double... numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number * number;
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("descents")
    void aDescentGoesOnFromItsTrajectoryToWhereItWent(String release, GoldenDescent kind) throws IOException {
        Path adapters = Golden.copy(release, GoldenAdapter.DENSE.folder(), temp);
        Path runs = Golden.copy(release, kind.folder(), temp);
        GoldenDescent.Problem problem = kind.on(adapters);
        boolean exactly = kind.isPlainJava() && Golden.hasArithmeticOf(release);
        try (FileTrajectoryStore begun = problem.open(runs.resolve("begun"));
                FileTrajectoryStore ended = problem.open(runs.resolve("ended"))) {
            Checkpoint last = begun.latest().orElseThrow();
            List<StepRecord> records = begun.records(GoldenDescent.BEGUN);
            assertEquals(GoldenDescent.BEGUN, last.step());
            assertEquals(ended.records(GoldenDescent.BEGUN), records);
            assertArrayEquals(ended.read(GoldenDescent.BEGUN).theta(), last.theta());
            assertArrayEquals(problem.start(), begun.read(0).theta());

            double loss = records.get(GoldenDescent.BEGUN - 1).nextLoss();
            double now = problem.objective().value(last.theta());
            assertEquals(loss, now, exactly ? 0 : DOUBLE);
            if (loss == now) { // else this processor may not go on with the other's run
                DescentResult result = problem.run(GoldenDescent.ENDED, begun);
                assertArrayEquals(
                        ended.read(GoldenDescent.ENDED).theta(), result.last().theta(), DOUBLE);
            }
        }
        if (exactly) {
            assertEquals(Golden.bytes(runs.resolve("ended"), ".lock"), Golden.bytes(runs.resolve("begun"), ".lock"));
        }
    }

    @ParameterizedTest
    @MethodSource("trainings")
    void aTrainingGoesOnFromItsCheckpointToTheSameNumbers(String release, GoldenTraining kind) throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        Path again = temp.resolve("again.safetensors");
        for (String name : new String[] {"begun.safetensors", "ended.safetensors"}) {
            try (PolicyTraining training = kind.training(GoldenTraining.ENDED)) {
                TrainingCheckpoint.resume(folder.resolve(name), training);
                TrainingCheckpoint.write(again, training);
                requireSame(folder.resolve(name), again, 0, "read and written: " + name);
                if (Golden.hasArithmeticOf(release)) {
                    training.run(again, CheckpointRule.everyUpdates(1));
                    requireSame(folder.resolve("ended.safetensors"), again, OTHER_SUMS, "from " + name);
                }
            }
        }
    }

    /** The same but for what is said more than then: networks with all that changes their outputs, features with a name. */
    private static void requireSame(Path expected, Path found, double tolerance, String what) throws IOException {
        try (SafetensorsFile before = SafetensorsFile.open(expected);
                SafetensorsFile after = SafetensorsFile.open(found)) {
            Map<String, String> metadata = new TreeMap<>(before.metadata());
            metadata.computeIfPresent(
                    "algorithm",
                    (key, text) -> text.replace(
                            "critic=Linear[dimension=3]", "critic=Linear/2[dimension=3, features=tilt-1]"));
            metadata.computeIfPresent("policy", (key, text) -> withNetwork(text));
            metadata.put("digest", Objects.requireNonNull(after.metadata().get("digest")));
            assertEquals(metadata, new TreeMap<>(after.metadata()), what);
            assertEquals(before.tensors().keySet(), after.tensors().keySet(), what);
            for (TensorInfo tensor : before.tensors().values()) {
                ByteBuffer[] bytes = {bytes(before, tensor), bytes(after, tensor)};
                if (tolerance > 0 && tensor.dtype() == DType.F64) {
                    requireClose(bytes[0], bytes[1], tolerance, what + ", " + tensor.name());
                } else {
                    assertEquals(bytes[0], bytes[1], what + ", " + tensor.name());
                }
            }
        }
    }

    private static void requireClose(ByteBuffer expected, ByteBuffer found, double tolerance, String what) {
        assertEquals(expected.limit(), found.limit(), what);
        for (int at = 0; at < expected.limit(); at += Double.BYTES) {
            double number = expected.getDouble(at);
            assertEquals(number, found.getDouble(at), tolerance * Math.max(1, Math.abs(number)), what);
        }
    }

    /** With the network of {@link GoldenTraining}. */
    private static String withNetwork(String policy) {
        Matcher shape = Pattern.compile("4 inputs, (\\d) outputs, \\d+ parameters in DOUBLE")
                .matcher(policy);
        assertTrue(shape.lookingAt(), policy);
        int outputs = Integer.parseInt(shape.group(1));
        String network = "Planned[input=Row[size=4], precision=DOUBLE,"
                + " layers=[Dense[inputs=4, outputs=3, bias=true, activation=TANH],"
                + " Dense[inputs=3, outputs=" + outputs + ", bias=true, activation=IDENTITY]]]";
        return shape.group() + "/2[network=" + network + "]" + policy.substring(shape.end());
    }

    private static ByteBuffer bytes(SafetensorsFile file, TensorInfo tensor) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(tensor.bytes()));
        file.forEachChunk(tensor.name(), all::put);
        return all.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void aPolicyIsReadWithItsEncoderAndWrittenAgain(String release, GoldenPolicy kind) throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        Path base = folder.resolve(GoldenPolicy.BASE);
        SavedPolicy saved = Files.exists(base)
                ? PolicyFile.read(folder.resolve("policy"), BaseModel.open(base))
                : PolicyFile.read(folder.resolve("policy"));
        assertArrayEquals(
                Golden.numbers(folder.resolve("parameters.txt")), saved.policy().parameters());
        assertArrayEquals(Golden.numbers(folder.resolve("encoded.txt")), kind.encoded(saved));
        Path again = temp.resolve("again");
        PolicyFile.write(again, saved);
        assertEquals(record(folder.resolve("policy")), record(again));
    }

    /** Without the name of the network, which is of its configuration and the updater it has by chance. */
    private static JsonNode record(Path policy) throws IOException {
        ObjectNode record = (ObjectNode)
                new ObjectMapper().readTree(policy.resolve(PolicyFile.RECORD).toFile());
        record.remove("network");
        return record;
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aFolderOfPolicyTrainIsResumed(String release) throws IOException {
        Path run = Golden.copy(release, GoldenRun.FOLDER, temp);
        Path seed = run.resolve("seed-5");
        Map<String, String> policy = Golden.bytes(seed.resolve("policy"), ".zip");
        Golden.delete(seed.resolve("policy"));
        Files.delete(seed.resolve("result.json"));

        GoldenRun.train(run, "--resume");

        assertEquals(policy, Golden.bytes(seed.resolve("policy"), ".zip"));
        assertTrue(new ObjectMapper()
                .readTree(seed.resolve("result.json").toFile())
                .path("resumed")
                .asBoolean());
    }

    private Path service(String release, GoldenService kind) throws IOException {
        Path folder = Golden.copy(release, kind.folder(), temp);
        GoldenService.lock(folder);
        return folder;
    }

    private static String verified(Path folder, Object... more) {
        Object[] words = {
            "unlearn",
            "verify",
            folder.resolve("run"),
            "--public-key",
            folder.resolve("keys/issuer.public"),
            "--head",
            folder.resolve("head.txt")
        };
        return GoldenService.done(Stream.of(words, more).flatMap(Stream::of).toArray());
    }

    @ParameterizedTest
    @MethodSource("services")
    void aCertificateIsValidWithTheHeadAndTheOpeningThatWereKept(String release, GoldenService kind)
            throws IOException {
        Path folder = service(release, kind);
        String said = verified(folder, "--opening", folder.resolve("opening.json"));
        assertTrue(said.contains("VALID") && !said.contains("NOT VALID"), said);
    }

    @ParameterizedTest
    @MethodSource("services")
    void aModelForgetsAnotherSubjectAsItWouldHaveThen(String release, GoldenService kind) throws IOException {
        Path folder = service(release, kind);
        Map<String, String> before = Golden.bytes(folder.resolve("run"), ".lock");
        GoldenService.on("plan", folder, "--subject", GoldenService.SECOND);
        assertEquals(before, Golden.bytes(folder.resolve("run"), ".lock"));

        GoldenService.delete(folder, GoldenService.SECOND, kind.secondWay());

        boolean exactly = kind.isPlainJava() && Golden.hasArithmeticOf(release);
        assertArrayEquals(
                Golden.numbers(folder.resolve("after.txt")), GoldenService.released(folder, 2), exactly ? 0 : DOUBLE);
        assertTrue(verified(folder).contains("VALID"));
        assertTrue(GoldenService.delete(folder, GoldenService.FIRST, "retrain").contains("forgotten before"));
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aModelForgetsAnotherSubjectWithNoise(String release) throws IOException {
        Path folder = service(release, GoldenService.HEAD);
        String said = GoldenService.delete(folder, GoldenService.SECOND, "cheapest");
        // later ones would need noise that is longer than the parameters can be
        assertTrue(said.contains("certified rewind to step 4: certified"), said);
        assertTrue(verified(folder).contains("VALID"));
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aWitnessRemembersWhatItSigned(String release) throws IOException {
        Path folder = service(release, GoldenService.HEAD);
        Path witness = folder.resolve("witness/witness.public");
        Path head = folder.resolve("head.txt");
        assertTrue(verified(folder, "--witness", witness).contains("amend4j/witness/"));
        GoldenService.delete(folder, GoldenService.SECOND, "retrain");
        Files.copy(folder.resolve("run/head.txt"), head, StandardCopyOption.REPLACE_EXISTING);
        GoldenService.cosign(folder);
        assertTrue(verified(folder, "--witness", witness).contains("amend4j/witness/"));
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aServiceOfTheLibraryForgetsAnotherSubject(String release) throws IOException, InterruptedException {
        Path folder = Golden.copy(release, GoldenOwnService.FOLDER, temp);
        GoldenService.lock(folder);
        GoldenOwnService.use(folder, service -> {
            assertTrue(service.isTrained());
            assertTrue(service.wasForgotten(GoldenOwnService.FIRST));
            assertEquals("[6, 7]", service.deleted().stream().boxed().toList().toString());
            GoldenOwnService.forget(service, GoldenOwnService.SECOND);
            assertTrue(service.wasForgotten(GoldenOwnService.SECOND));
            assertEquals(2, service.latestRelease());
        });
        // the command looks for the vault where README has it
        Path run = folder.resolve("run");
        Files.move(folder.resolve("vault"), run.resolve("vault"));
        Path key = Files.writeString(
                folder.resolve("issuer.public"),
                Issuer.openOrCreate(folder.resolve("keys/issuer.keys")).publicKey());
        String said = GoldenService.done("unlearn", "verify", run, "--public-key", key);
        assertTrue(said.contains("VALID") && !said.contains("NOT VALID"), said);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aRecordingIsReadAndAdopted(String release) throws IOException {
        Path folder = Golden.copy(release, GoldenService.ADOPTED.folder(), temp);
        RecordedRecipe recipe = recipe(folder);
        assertEquals(12, recipe.steps());
        assertEquals(0.3, recipe.stepSizes().at(0));
        assertEquals(0.2, recipe.weightDecay());
        assertEquals(6, recipe.divisor().orElseThrow());
        assertEquals("[0, 5, 11, 12, 17, 22]", ids(recipe, 0));
        assertEquals("[0, 4, 5, 14, 15, 21]", ids(recipe, 11));
        assertEquals("[4, 8]", recipe.checkpoints().keySet().toString());

        Path full = Golden.copy(release, GoldenService.RECORDING, temp);
        assertTrue(recipe(full).batches().isEmpty());
        GoldenService.adopt(full, "--tolerance", DOUBLE);
    }

    private static RecordedRecipe recipe(Path folder) throws IOException {
        Path file = folder.resolve("recorded/recipe.json");
        RecordedRecipe recipe = RecipeFile.read(file);
        assertArrayEquals(Files.readAllBytes(file), RecipeFile.bytes(recipe));
        return recipe;
    }

    private static String ids(RecordedRecipe recipe, int step) {
        return recipe.batches().orElseThrow().batches().get(step).stream()
                .boxed()
                .toList()
                .toString();
    }
}
