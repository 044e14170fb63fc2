/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.app.compute.EmulatedCompute;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

class CommandLineTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path table = Path.of("");

    /** A network of 4 numbers and 3 classes, and a table that it can learn: the largest of the first three. */
    @BeforeEach
    void makeModelAndTable() throws IOException {
        writeModel(Activation.TANH);

        table = SmallClassifiers.table(folder.resolve("table.csv"));
    }

    private void writeModel(Activation first) throws IOException {
        model = SmallClassifiers.ofRows(folder.resolve("model.zip"), first);
    }

    private Ran train(Path out, Object... more) {
        Object[] first = {"lora", "train", "--model", model, "--data", table, "--labels", "kind", "--out", out, "--json"
        };
        return amend4j(Stream.concat(Stream.of(first), Stream.of(more)).toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "lora",
                "lora train",
                "lora eval",
                "lora merge",
                "lora info",
                "lora explain",
                "lora export",
                "lora import",
                "lora combine",
                "generate",
                "text",
                "text pretrain",
                "descent",
                "descent demo",
                "unlearn",
                "unlearn demo",
                "plan",
                "bench",
                "package-job",
                "doctor"
            })
    void everyCommandHasHelp(String command) {
        Ran ran = amend4j((Object[]) (command + " --help").strip().split(" "));
        assertEquals(0, ran.code());
        assertTrue(ran.out().contains("Usage: amend4j"), ran.out());
        assertEquals("", ran.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "lora",
                "descent",
                "unlearn",
                "paint",
                "doctor --jsn",
                "lora train",
                "lora info",
                "lora explain",
                "lora export",
                "lora import",
                "lora combine",
                "generate",
                "text",
                "text pretrain",
                "demo --seed x"
            })
    void whatIsNoCommandIsBadInputWithAHint(String command) {
        Ran ran = amend4j(command.isEmpty() ? new Object[0] : command.split(" "));
        assertEquals(2, ran.code());
        assertTrue(ran.err().contains("--help' for what this command takes"), ran.err());
        assertFalse(ran.err().contains("\tat "), ran.err());
        assertEquals("", ran.out());
    }

    @ParameterizedTest
    @CsvSource({
        "lora trian, train",
        "loar train, lora",
        "unlearn delet --run x, delete",
        "lora train --modle x, --model"
    })
    void whatIsMisspeltIsToldWithWhatIsMeant(String typed, String meant) {
        Ran ran = amend4j((Object[]) typed.split(" "));
        assertEquals(2, ran.code());
        assertTrue(ran.err().contains(": did you mean " + meant + "?"), ran.err());
    }

    @Test
    void aDemosFolderMustNotBeAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (String demo : new String[] {"demo", "descent demo", "unlearn demo", "policy demo"}) {
            Ran ran = amend4j(Stream.concat(Stream.of(demo.split(" ")), Stream.of("--out", file))
                    .toArray());
            assertEquals(2, ran.code());
            assertEquals("--out must be a folder, " + file + " is a file" + System.lineSeparator(), ran.err());
        }
    }

    /** As Deeplearning4j's TransferLearning leaves a network: its input is read off the layer inside of the wrapper. */
    @Test
    void a_network_that_transfer_learning_froze_is_trained_used_and_planned() throws IOException {
        MultiLayerNetwork frozen = new TransferLearning.Builder(
                        ModelSerializer.restoreMultiLayerNetwork(model.toFile()))
                .setFeatureExtractor(1)
                .build();
        Path zip = folder.resolve("frozen.zip");
        ModelSerializer.writeModel(frozen, zip.toFile(), false);
        Path adapter = folder.resolve("on-ice");
        Object[] data = {"--data", table, "--labels", "kind"};
        assertEquals(
                0,
                with(data, "lora", "train", "--model", zip, "--out", adapter, "--epochs", 1)
                        .code());
        Ran eval = with(data, "lora", "eval", "--model", zip, "--adapter", adapter, "--no-probe", "--json");
        assertEquals(0, eval.code(), eval.err());
        assertEquals(0, amend4j("plan", zip, "--lora").code());
        assertEquals(
                0,
                amend4j(
                                "lora",
                                "merge",
                                "--model",
                                zip,
                                "--adapter",
                                adapter,
                                "--no-probe",
                                "--out",
                                folder.resolve("m.zip"))
                        .code());
    }

    @Test
    void a_network_of_a_type_that_cannot_be_trained_here_is_refused_by_option() throws IOException {
        MultiLayerNetwork half =
                ModelSerializer.restoreMultiLayerNetwork(model.toFile()).convertDataType(DataType.FLOAT16);
        ModelSerializer.writeModel(half, model.toFile(), false);
        train(folder.resolve("adapter"))
                .refused("--model must be of type FLOAT or DOUBLE to get an adapter here, got HALF");
    }

    private Ran with(Object[] data, Object... command) {
        return amend4j(Stream.concat(Stream.of(command), Stream.of(data)).toArray());
    }

    @Test
    void training_begins_with_a_probe_on_the_first_rows_unless_it_is_declined() throws IOException {
        Ran ran = train(folder.resolve("probed"), "--epochs", 1);
        assertEquals(0, ran.code(), ran.err());
        String sentence = ran.json().path("probe").asText();
        assertTrue(sentence.startsWith("probed with ") && sentence.contains(" [4, "), sentence);
        ran = train(folder.resolve("unprobed"), "--epochs", 1, "--no-probe");
        assertEquals("not probed: the caller declined", ran.json().path("probe").asText());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("probed/adapter_model.safetensors")),
                Files.readAllBytes(folder.resolve("unprobed/adapter_model.safetensors")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo --out",
                "descent demo --out",
                "unlearn demo --out",
                "policy demo --out",
                "policy train --env CartPole-v1 --algo ppo --out",
                "package-job --output",
                "text pretrain --out",
                "bench --quick --json",
                "lora merge --model MODEL --adapter none --out",
                "lora train --model MODEL --data TABLE --labels kind --epochs 1000000 --out",
                "lora train --model MODEL --data TABLE --labels kind --epochs 1000000 --out adapter --cache"
            })
    void whatCannotBeWrittenIsRefusedBeforeAnythingIsComputed(String command) throws IOException {
        Path below = model.resolve("below");
        String[] words = command.replace("MODEL", model.toString())
                .replace("TABLE", table.toString())
                .split(" ");
        Ran ran = amend4j(
                Stream.concat(Stream.of(words), Stream.of(below.toString())).toArray());
        ran.refused(": cannot write " + below);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void doctorNamesTheNativesInUse() throws IOException {
        Ran ran = amend4j("doctor", "--json");
        assertEquals(0, ran.code(), ran.err());
        JsonNode facts = ran.json();
        assertTrue(facts.path("nd4j").path("natives").asText().startsWith("nd4j-native-"), ran.out());
        assertTrue(facts.path("openmp").path("threads").asInt() >= 1);
        assertEquals("PASSIVE", facts.path("openmp").path("waitPolicy").asText());
        assertTrue(facts.path("memory").path("offHeapLimitMb").asLong() > 0);
        assertFalse(facts.path("gpu").path("reason").asText().isEmpty());
        assertFalse(facts.path("device").path("way").asText().isEmpty(), ran.out());
        assertTrue(facts.path("device").path("missing").isArray(), ran.out());
        assertEquals(0, amend4j("doctor").code());
    }

    @Test
    void anAdapterIsTrainedTestedMergedAndInspected() throws IOException {
        Path adapter = folder.resolve("adapter");
        Ran trained = train(adapter, "--epochs", 40, "--lr", 0.01, "--train-in-full", "2", "--rank", 4);
        assertEquals(0, trained.code(), trained.err());
        // Rank 4 on 4x8 and 8x8, and the output's 8*3 + 3.
        assertEquals(
                4 * 12 + 4 * 16 + 27, trained.json().path("trainableParameters").asInt());
        assertEquals(24, trained.json().path("validationExamples").asInt());

        Ran tested = amend4j(
                "lora", "eval", "--model", model, "--adapter", adapter, "--data", table, "--labels", "kind", "--json");
        assertEquals(0, tested.code(), tested.err());
        double accuracy = tested.json().path("accuracy").asDouble();
        assertTrue(accuracy > 0.85, tested.out());
        assertTrue(accuracy > tested.json().path("baseAccuracy").asDouble() + 0.2, tested.out());

        Path merged = folder.resolve("merged.zip");
        Ran merge = amend4j("lora", "merge", "--model", model, "--adapter", adapter, "--out", merged, "--json");
        assertEquals(0, merge.code(), merge.err());
        assertEquals(4 * 8 + 8 + 8 * 8 + 8 + 27, merge.json().path("parameters").asInt());
        assertEquals(
                merge.json().path("parameters").asLong(),
                ModelSerializer.restoreMultiLayerNetwork(merged.toFile(), false).numParams());

        JsonNode held = amend4j("lora", "info", adapter, "--json").json();
        assertEquals("adapter", held.path("kind").asText());
        assertEquals(2, held.path("adapted").size());
        assertEquals("2", held.path("trainedInFull").path(0).asText());
        assertEquals("k0", held.path("classes").path(0).asText());
        JsonNode layers = amend4j("lora", "info", model, "--json").json();
        assertEquals("model", layers.path("kind").asText());
        assertTrue(layers.path("layers").path(0).path("adaptable").asBoolean());
        assertEquals(held.path("base").asText(), layers.path("fingerprint").asText());
    }

    /** Both are the plan's matter: no line says that Deeplearning4j's layers compute. */
    @Test
    void decayAndShortenedGradientsTrainOtherAdapters() throws IOException {
        List<Double> losses = new ArrayList<>();
        int made = 0;
        for (List<Object> treatment : List.<List<Object>>of(
                List.of(),
                List.of("--weight-decay", 20),
                List.of("--clip-norm", 0.001),
                List.of("--max-grad-norm", 0.001),
                List.of("--max-grad-norm", 1e4))) {
            Object[] options = Stream.concat(Stream.of("--epochs", 3, "--lr", 0.01), treatment.stream())
                    .toArray();
            Ran ran = train(folder.resolve("treated" + made++), options);
            assertEquals(0, ran.code(), ran.err());
            assertFalse(ran.err().contains("Deeplearning4j's own layers"), ran.err());
            losses.add(ran.json().path("loss").asDouble());
        }
        assertEquals(losses.get(0), losses.get(4), "a limit that is never reached is none");
        assertEquals(4, Set.copyOf(losses).size(), losses.toString());
    }

    /** Single precision twice, about 100 small steps: losses and cross-entropies agree to four digits. */
    @Test
    void aDeviceTrainsAndTestsTheSameAdapter() throws IOException {
        EmulatedCompute.require();
        Path onCpu = folder.resolve("cpu");
        Path onDevice = folder.resolve("device");
        Ran cpu = train(onCpu, "--epochs", 15, "--lr", 0.01, "--rank", 4, "--train-in-full", "2");
        Ran device = train(
                onDevice, "--epochs", 15, "--lr", 0.01, "--rank", 4, "--train-in-full", "2", "--device", "emulated");
        assertEquals(0, device.code(), device.err());
        double loss = cpu.json().path("loss").asDouble();
        assertEquals(loss, device.json().path("loss").asDouble(), 1e-4 * loss);

        Object[] eval = {"lora", "eval", "--model", model, "--data", table, "--labels", "kind", "--json", "--adapter"};
        JsonNode expected = amend4j(
                        Stream.concat(Stream.of(eval), Stream.of(onCpu)).toArray())
                .json();
        Ran tested = amend4j(Stream.concat(Stream.of(eval), Stream.of(onDevice, "--device", "emulated"))
                .toArray());
        assertEquals(0, tested.code(), tested.err());
        for (String number : new String[] {"crossEntropy", "baseCrossEntropy"}) {
            double value = expected.path(number).asDouble();
            assertEquals(value, tested.json().path(number).asDouble(), 1e-4 * value, number);
        }
        assertTrue(expected.path("crossEntropy").asDouble()
                < 0.9 * expected.path("baseCrossEntropy").asDouble());
    }

    /** Layer 0 is frozen. One batch an epoch: the CPU takes cached examples in another order. */
    private JsonNode trainAbove(Path cache, String out, Object... more) throws IOException {
        Object[] first = {"--targets", "1", "--rank", 4, "--epochs", 20, "--batch", 240, "--cache", cache};
        Ran ran = train(
                folder.resolve(out),
                Stream.concat(Stream.of(first), Stream.of(more)).toArray());
        assertEquals(0, ran.code(), ran.err());
        return ran.json();
    }

    private static long files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    /** Twenty small steps: losses agree to four digits. */
    @Test
    void frozenLayersAreComputedOnceByTheDeviceAndActivationsOfAnotherOriginAreNotUsed() throws IOException {
        EmulatedCompute.require();
        Path cache = folder.resolve("cache");
        JsonNode cpu = trainAbove(cache, "one");
        assertEquals("on the CPU", cpu.path("frozenLayers").asText());
        JsonNode device = trainAbove(cache, "two", "--device", "emulated");
        String where = device.path("frozenLayers").asText();
        assertTrue(where.startsWith("on emulated device (") && where.endsWith(" in fp32"), where);
        double loss = cpu.path("loss").asDouble();
        assertEquals(loss, device.path("loss").asDouble(), 1e-4 * loss);
        JsonNode rounded = trainAbove(cache, "three", "--device", "emulated", "--precision", "bf16");
        assertTrue(rounded.path("frozenLayers").asText().endsWith(" in bf16"), rounded.toString());
        assertEquals(3, files(cache));

        assertEquals(
                where + ", by an earlier run",
                trainAbove(cache, "four", "--device", "emulated")
                        .path("frozenLayers")
                        .asText());
        assertEquals(
                "on the CPU, by an earlier run",
                trainAbove(cache, "five").path("frozenLayers").asText());
        assertEquals(3, files(cache));
        Ran whole = train(folder.resolve("six"), "--epochs", 1, "--rank", 4);
        assertEquals(0, whole.code(), whole.err());
        assertEquals(
                "none below the first that trains",
                whole.json().path("frozenLayers").asText());
    }

    @Test
    void frozenLayersThatADeviceCannotTakeAreComputedOnTheCpuAndTheReasonIsSaidAndReported() throws IOException {
        EmulatedCompute.require();
        writeModel(Activation.RATIONALTANH);
        Ran device = train(folder.resolve("device"), "--targets", "1", "--batch", 240, "--device", "emulated");
        assertEquals(0, device.code(), device.err());
        String reason = "vertex '0' cannot be computed by a plan: it has the activation";
        String where = device.json().path("frozenLayers").asText();
        assertTrue(where.startsWith("on the CPU: " + reason), where);
        assertTrue(
                device.err().lines().anyMatch(line -> line.startsWith("Frozen layers on the CPU: " + reason)),
                device.err());
        double loss = train(folder.resolve("cpu"), "--targets", "1", "--batch", 240)
                .json()
                .path("loss")
                .asDouble();
        assertEquals(loss, device.json().path("loss").asDouble(), 1e-4 * loss);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "emulated"})
    void aLossThatIsNoNumberIsRefusedInTheSameSentenceAndNothingIsWritten(String device) throws IOException {
        EmulatedCompute.require();
        Path out = folder.resolve("out");
        Object[] above = {"--targets", "none", "--train-in-full", "2", "--updater", "sgd", "--device", device};
        Ran ran = train(
                out, Stream.concat(Stream.of(above), Stream.of("--lr", 1e39)).toArray());
        assertEquals(2, ran.code(), ran.err());
        assertEquals("", ran.out());
        String last = ran.err().lines().reduce("", (before, line) -> line);
        assertEquals("the loss is NaN in epoch 1: a smaller --lr may help", last);
        assertFalse(Files.exists(out));
    }

    @Test
    void aPlanShowsStepsAndMemoryWithoutADevice() throws IOException {
        Ran output = amend4j("plan", model, "--json");
        assertEquals(0, output.code(), output.err());
        assertEquals("OUTPUT", output.json().path("variant").asText());
        assertTrue(output.json().path("steps").asInt() >= 3, output.out());
        assertEquals(0, output.json().path("trainedParameters").asInt());

        JsonNode training = amend4j("plan", model, "--lora", "--rank", 2, "--batch", 7, "--device", "cuda", "--json")
                .json();
        assertEquals("GRADIENT", training.path("variant").asText());
        // Rank 2 on 4x8 and 8x8; all-linear leaves the output alone.
        assertEquals(2 * (12 + 16), training.path("trainedParameters").asInt());
        assertTrue(training.path("workingBytes").asLong()
                < training.path("workingBytesWithoutReuse").asLong());

        Ran text = amend4j("plan", model, "--variant", "gradient");
        assertEquals(0, text.code(), text.err());
        assertTrue(text.out().startsWith("GRADIENT: "), text.out());
        Path adapter = folder.resolve("adapter");
        assertEquals(0, train(adapter, "--epochs", 1, "--targets", "1").code());
        assertEquals(
                8 * (8 + 8),
                amend4j("plan", model, "--adapter", adapter, "--json")
                        .json()
                        .path("trainedParameters")
                        .asInt());
        amend4j("plan", model, "--adapter", adapter, "--lora").refused("give one of them");
        amend4j("plan", model, "--lora", "--variant", "output").refused("merge the adapter first");
    }

    @Test
    void aPlanSaysWhichMemoryItLeavesOutAndRefusesOptionsThatWouldChangeNothing() throws IOException {
        JsonNode plan = amend4j("plan", model, "--lora", "--rank", 2, "--json").json();
        assertEquals(4 * 56, plan.path("parameterBytes").asInt());
        assertEquals(4 * 56, plan.path("gradientBytes").asInt());
        assertEquals(8 * 56, plan.path("adamBytes").asInt());
        assertEquals(4 * 4, plan.path("bytesOfAnExample").asInt());
        assertTrue(plan.path("side").isMissingNode(), plan.toString());
        assertTrue(amend4j("plan", model, "--lora", "--rank", 2).out().contains("Not counted: trained parameters"));
        amend4j("plan", model, "--rank", 2).refused("--rank describes a fresh adapter: give --lora");
        amend4j("plan", model, "--targets", "0").refused("--targets describes a fresh adapter");
        amend4j("plan", model, "--side", 0).refused("--side must be >= 1, got 0");
        amend4j("plan", model, "--side", -3).refused("--side must be >= 1, got -3");
    }

    @Test
    void aStepIsPredictedForACardThatIsNotThere() throws IOException {
        JsonNode plan = amend4j("plan", model, "--lora", "--rank", 2, "--batch", 7, "--card", "h100", "--json")
                .json();
        JsonNode step = plan.path("prediction");
        assertFalse(step.path("measured").asBoolean(true), step.toString());
        assertEquals("FP32", step.path("precision").asText());
        for (String parts : List.of("parts", "work")) {
            int launches = 0;
            for (JsonNode part : step.path(parts)) {
                launches += part.path("launches").asInt();
            }
            assertEquals(step.path("total").path("launches").asInt(), launches, parts);
        }
        String dense = amend4j(
                        "plan",
                        "--dense",
                        "2x64",
                        "--rank",
                        4,
                        "--batch",
                        32,
                        "--card",
                        "rtx4090",
                        "--precision",
                        "tf32")
                .out();
        assertTrue(dense.contains("GeForce RTX 4090 in TF32 from data sheets, not measured on any card"), dense);

        amend4j("plan", model, "--card", "h100").refused("predicts a step of training: give --lora");
        amend4j("plan", model, "--precision", "tf32").refused("--precision is for a prediction: give --card as well");
        amend4j("plan", "--dense", "2x64").refused("--dense is for a prediction: give --card as well");
        amend4j("plan", "--dense", "2by64", "--card", "a100").refused("--dense must be LAYERSxWIDTH");
        amend4j("plan", model, "--dense", "2x64", "--card", "a100").refused("give no MODEL");
        amend4j("plan", "--dense", "2x64", "--rank", 65, "--card", "a100").refused("--rank must be <= 64, got 65");
        amend4j("plan", "--dense", "2x64", "--alpha", 3, "--card", "a100").refused("--alpha changes nothing");
        amend4j("plan", "--dense", "300x20000", "--rank", 4, "--card", "a100").refused("is made on the host");
        amend4j("plan", "--dense", "2x64", "--rank", 4, "--batch", 1_200_000_000, "--card", "a100")
                .refused("is made on the host");
        amend4j("plan").refused("give a MODEL");
    }

    /** Adam has two moments beside each parameter, whatever the model's own updater is; a saved adapter is trained on, a fresh one may drop. */
    @Test
    void aStepIsPredictedWithAdamWhateverTrainedBefore() throws IOException {
        Path out = folder.resolve("trained");
        amend4j("lora", "train", "--model", model, "--data", table, "--labels", "kind", "--out", out, "--rank", 2)
                .done();
        JsonNode saved = amend4j("plan", model, "--adapter", out, "--card", "h100", "--json")
                .json();
        JsonNode fresh = amend4j("plan", model, "--lora", "--rank", 2, "--card", "h100", "--json")
                .json();
        assertEquals(optimizer(fresh), optimizer(saved));
        JsonNode plain = amend4j("plan", model, "--variant", "gradient", "--card", "h100", "--json")
                .json();
        int parameters = plain.path("gradientBytes").asInt();
        assertTrue(
                optimizer(plain).path("bytesRead").asInt() >= 4 * parameters,
                optimizer(plain).toString());
        JsonNode dropping = amend4j("plan", model, "--lora", "--rank", 2, "--dropout", 0.1, "--card", "h100", "--json")
                .json();
        assertTrue(dropping.path("prediction").path("total").path("launches").asInt()
                > fresh.path("prediction").path("total").path("launches").asInt());
    }

    private static JsonNode optimizer(JsonNode plan) {
        for (JsonNode part : plan.path("prediction").path("parts")) {
            if (part.path("part").asText().equals("optimizer")) {
                return part;
            }
        }
        throw new AssertionError(plan);
    }

    @Test
    void whatAPlanCannotTakeIsNamed() throws IOException {
        Path zip = SmallClassifiers.ofRows(folder.resolve("odd.zip"), Activation.RRELU);
        amend4j("plan", zip).refused("vertex '0' cannot be computed by a plan");
    }

    /** A network as Keras's importer leaves it: pooling, a vertex that flattens, an output. */
    @Test
    void aPlanFollowsAVertexThatFlattensAndNamesAWindowThatDoesNotFit() throws IOException {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "one", new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build(), "in")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder()
                                .kernelSize(6, 6)
                                .stride(1, 1)
                                .build(),
                        "one")
                .addVertex("flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(1, 1, 4)), "pool")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(4)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "flat")
                .setOutputs("out")
                .build());
        network.init();
        Path zip = folder.resolve("imported.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        Ran fits = amend4j("plan", zip, "--side", 8, "--json");
        assertEquals(0, fits.code(), fits.err());
        amend4j("plan", zip, "--side", 7).refused("vertex 'pool' cannot be computed by a plan: it does not fit");
        assertEquals(8, fits.json().path("side").asInt());
        assertFalse(fits.json().path("sideAssumed").asBoolean());
        Ran unknown = amend4j("plan", zip);
        unknown.refused("vertex 'out' cannot be computed by a plan: it reads 4 features");
        unknown.refused("pictures of 224 x 224 pixels were assumed, the model does not say, give --side");
    }

    @Test
    void whatNoDeviceIsThereForIsRefusedAndLeavesNothing() {
        assumeTrue(CudaDevice.missing().isPresent(), "This machine has a card.");
        Path out = folder.resolve("adapter");
        train(out, "--rank", 2, "--device", "cuda").refused("--device cuda: CUDA is not usable");
        train(out, "--rank", 2, "--precision", "tf32").refused("--precision must be fp32 or bf16 on the CPU, got tf32");
        assertFalse(Files.exists(out));
    }

    /** By a plan on either, so with the same masks: the same losses up to rounding, and others than without dropout. */
    @Test
    void adapterDropoutIsTheSameOnADevice() throws IOException {
        EmulatedCompute.require();
        double host = train(folder.resolve("host"), "--dropout", 0.5)
                .json()
                .path("loss")
                .asDouble();
        Ran ran = train(folder.resolve("device"), "--dropout", 0.5, "--device", "emulated");
        assertEquals(0, ran.code(), ran.err());
        assertEquals(host, ran.json().path("loss").asDouble(), 1e-4 * host);
        double without = train(folder.resolve("without")).json().path("loss").asDouble();
        assertTrue(Math.abs(host - without) > 1e-3 * host, host + " and " + without);
    }

    /** What a JVM without memory throws, when the result is printed. */
    @Test
    void anErrorIsOneSentenceTooAndNoInterruption() {
        StringWriter err = new StringWriter();
        PrintWriter full = new PrintWriter(new StringWriter()) {
            @Override
            public void println(String text) {
                throw new OutOfMemoryError("Java heap space");
            }
        };
        assertEquals(1, Amend4j.run(full, new PrintWriter(err), "lora", "info", model.toString()));
        assertEquals(
                "amend4j failed: out of memory (Java heap space): give Java more with -Xmx, such as"
                        + " AMEND4J_JAVA_OPTS=-Xmx8g (--verbose shows where)" + System.lineSeparator(),
                err.toString());
    }

    @Test
    void aFailureNamesItsRootCauseAndAFullDiskTheFile() {
        Exception deep = new IllegalStateException(
                "Error during backpropagation", new RuntimeException(new ArithmeticException("no\n  such kernel")));
        assertEquals(
                "amend4j failed unexpectedly: IllegalStateException: Error during backpropagation: no; such kernel"
                        + " (--verbose shows where)",
                said(1, deep));
        assertEquals(
                "amend4j failed: cannot write a/b: No space left on device (--verbose shows where)",
                said(
                        1,
                        new IOException(
                                "cannot write a/b: No space left on device",
                                new IOException("No space left on device"))));
        assertEquals(
                "amend4j failed: there is no a/b (--verbose shows where)",
                said(1, new java.nio.file.NoSuchFileException("a/b")));
        assertEquals(
                "the data does not fit the model: 3 columns, not 4",
                said(2, new IllegalStateException(new DL4JInvalidInputException("3 columns, not 4"))));
    }

    private static String said(int code, Exception failure) {
        StringWriter err = new StringWriter();
        assertEquals(code, Failures.failed(failure, new PrintWriter(err), false));
        return err.toString().strip();
    }

    @Test
    void aModelThatCannotBeReadIsRefusedByName() throws IOException {
        Path bad = folder.resolve("bad.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bad))) {
            zip.putNextEntry(new ZipEntry("configuration.json"));
            zip.write("{\"x\":".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("coefficients.bin"));
            zip.write(new byte[50]);
            zip.closeEntry();
        }
        for (Path path : new Path[] {bad, folder, table}) {
            amend4j("plan", path).refused(path.toString());
        }
    }

    /** Trained on 8x8, its dense layer counts pixels. */
    @Test
    void picturesOfAnotherSideThanTheModelsAreBadInput() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 3))
                .build());
        network.init();
        Path zip = folder.resolve("fixed.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        Path pictures = folder.resolve("pictures");
        for (int i = 0; i < 4; i++) {
            Pictures.write(pictures.resolve("red/" + i + ".png"), 8, 8, 0xff0000 + i);
            Pictures.write(pictures.resolve("green/" + i + ".png"), 8, 8, 0x00ff00 + i);
        }
        Path adapter = folder.resolve("adapter");
        Object[] train = {
            "lora",
            "train",
            "--model",
            zip,
            "--data",
            pictures,
            "--out",
            adapter,
            "--epochs",
            1,
            "--targets",
            "0",
            "--rank",
            2,
            "--validation",
            0,
            "--side"
        };
        for (int side : new int[] {7, 2, 0, 5000}) {
            Ran ran = amend4j(Stream.concat(Stream.of(train), Stream.of(side)).toArray());
            ran.refused(side < 1 || side > 4096 ? "--side must be" : "the data does not fit the model: ");
            assertFalse(Files.exists(adapter));
        }
        assertEquals(
                0,
                amend4j(Stream.concat(Stream.of(train), Stream.of(8)).toArray()).code());
        amend4j("lora", "eval", "--model", zip, "--adapter", adapter, "--data", pictures, "--side", 7)
                .refused("the data does not fit the model: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-linear", "1"})
    void aModelInDoublePrecisionIsTrainedOnTheSameTable(String targets) throws IOException {
        MultiLayerNetwork network =
                MultiLayerNetwork.load(model.toFile(), false).convertDataType(DataType.DOUBLE);
        ModelSerializer.writeModel(network, model.toFile(), false);
        Ran ran = train(folder.resolve("adapter"), "--rank", 2, "--epochs", 2, "--targets", targets);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(Double.isFinite(ran.json().path("loss").asDouble()), ran.out());
    }

    @Test
    void theSameSeedTrainsTheSameAdapter() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        assertEquals(0, train(one, "--epochs", 2, "--targets", "1").code());
        assertEquals(0, train(two, "--epochs", 2, "--targets", "1").code());
        assertEquals(
                -1, Files.mismatch(one.resolve("adapter_model.safetensors"), two.resolve("adapter_model.safetensors")));
    }

    @Test
    void aCacheOfFrozenLayersIsUsedAgainAndChangesNothing() throws IOException {
        Path cache = folder.resolve("cache");
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        assertEquals(
                0, train(one, "--epochs", 1, "--targets", "1", "--cache", cache).code());
        assertTrue(Files.isDirectory(cache));
        assertEquals(
                0, train(two, "--epochs", 1, "--targets", "1", "--cache", cache).code());
        assertEquals(
                -1, Files.mismatch(one.resolve("adapter_model.safetensors"), two.resolve("adapter_model.safetensors")));
    }

    @Test
    void badInputOfTrainIsOneSentenceAndLeavesNothing() throws IOException {
        Path out = folder.resolve("adapter");
        train(out, "--rank", 0).refused("rank must be >= 1, got 0");
        train(out, "--dropout", 1).refused("dropout");
        train(out, "--targets", "0,nine").refused("'nine'");
        train(out, "--targets", "/nothing.*/").refused("nothing.*");
        train(out, "--targets", "/(/").refused("(");
        train(out, "--targets", "none").refused("--targets none trains nothing");
        train(out, "--epochs", 0).refused("--epochs must be >= 1, got 0");
        train(out, "--batch", -1).refused("--batch must be >= 1, got -1");
        train(out, "--lr", "NaN").refused("--lr must be > 0 and finite");
        train(out, "--weight-decay", -1).refused("--weight-decay must be >= 0");
        train(out, "--weight-decay", 2000).refused("times --lr, < 1, got 2000");
        train(out, "--clip-norm", 0).refused("--clip-norm must be > 0 and finite, got 0");
        train(out, "--max-grad-norm", "NaN").refused("--max-grad-norm must be > 0 and finite, got NaN");
        train(out, "--validation", 1).refused("--validation must be >= 0 and < 1");
        amend4j("lora", "train", "--model", model, "--data", table, "--out", out, "--labels", "colour")
                .refused("no column 'colour'");
        train(out, "--classes", "k0,k1").refused("is not one of the 2 classes");
        Ran diverged = train(out, "--lr", "1e39", "--updater", "sgd", "--targets", "none", "--train-in-full", "2");
        assertEquals(2, diverged.code(), diverged.err());
        assertTrue(diverged.err().contains("a smaller --lr may help"), diverged.err());
        assertFalse(Files.exists(out));
        Files.createDirectories(out);
        train(out).refused("exists already");
    }

    @Test
    void dataThatDoesNotFitTheModelIsRefused() throws IOException {
        Path out = folder.resolve("adapter");
        Path narrow = Files.writeString(folder.resolve("narrow.csv"), "1,2,a\n1,2,b\n1,3,c\n");
        Object[] start = {"lora", "train", "--model", model, "--out", out, "--data"};
        amend4j(Stream.concat(Stream.of(start), Stream.of(narrow)).toArray())
                .refused("takes rows of 4 numbers, " + narrow + " has 2");
        Path two = Files.writeString(folder.resolve("two.csv"), "1,2,3,4,a\n1,2,3,4,b\n");
        amend4j(Stream.concat(Stream.of(start), Stream.of(two)).toArray())
                .refused("tells 3 classes apart, " + two + " has 2");
        amend4j(Stream.concat(Stream.of(start), Stream.of(folder)).toArray())
                .refused("takes rows of 4 numbers: --data must be a .csv");
        Path none = folder.resolve("none.csv");
        amend4j(Stream.concat(Stream.of(start), Stream.of(none)).toArray()).refused("there is no " + none);
        assertFalse(Files.exists(out));
    }

    @Test
    void filesThatAreNotWhatTheyShouldBeAreRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.zip"), "not a zip");
        amend4j("lora", "info", text).refused(text.toString());
        amend4j("lora", "info", folder.resolve("none")).refused("there is no");
        amend4j("lora", "info", Files.createDirectories(folder.resolve("empty")))
                .refused("adapter_model.safetensors");
        Path out = folder.resolve("merged.zip");
        amend4j("lora", "merge", "--model", model, "--adapter", folder.resolve("no"), "--out", out)
                .refused("no adapter directory");
        amend4j("lora", "merge", "--model", folder.resolve("no.zip"), "--adapter", folder, "--out", text)
                .refused("exists already");
        assertFalse(Files.exists(out));
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() throws IOException {
        Path adapter = folder.resolve("adapter");
        assertEquals(0, train(adapter, "--epochs", 1, "--rank", 2).code());
        MultiLayerNetwork other = ModelSerializer.restoreMultiLayerNetwork(model.toFile(), false);
        other.params().addi(0.001);
        Path changed = folder.resolve("changed.zip");
        ModelSerializer.writeModel(other, changed.toFile(), false);
        amend4j("lora", "merge", "--model", changed, "--adapter", adapter, "--out", folder.resolve("m.zip"))
                .refused("base");
    }

    @Test
    void aConvolutionalModelLearnsFromAFolderOfPictures() throws IOException {
        Path zip = SmallClassifiers.ofPictures(folder.resolve("pictures.zip"));
        Path pictures = SmallClassifiers.pictures(folder.resolve("pictures"));
        Path adapter = folder.resolve("adapter");
        Object[] start = {"lora", "train", "--model", zip, "--data", pictures, "--out", adapter, "--epochs", 30};
        amend4j(start).refused("give --side");
        Ran trained = amend4j(Stream.concat(
                        Stream.of(start),
                        Stream.of("--side", 8, "--targets", "0", "--train-in-full", "2", "--lr", 0.02, "--rank", 2))
                .toArray());
        assertEquals(0, trained.code(), trained.err());
        // The side is on record beside the adapter.
        Ran tested = amend4j("lora", "eval", "--model", zip, "--adapter", adapter, "--data", pictures, "--json");
        assertEquals(1.0, tested.json().path("accuracy").asDouble(), tested.out() + tested.err());
    }
}
