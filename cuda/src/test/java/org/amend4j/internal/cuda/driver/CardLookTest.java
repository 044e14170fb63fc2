/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.KernelSources;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.backend.PieceKernels.Piece;
import org.amend4j.internal.backend.PieceKernels.Pieces;
import org.amend4j.internal.cuda.cost.Assumptions;
import org.amend4j.internal.cuda.cost.Call;
import org.amend4j.internal.cuda.cost.Card;
import org.amend4j.internal.cuda.cost.CountingDevice;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first look at a card, card.py, where there is none: its expectations meet the kernels on this processor. */
class CardLookTest {

    private static final Path LOOK = Path.of("card.py").toAbsolutePath();
    private static final Path RESOURCES = Path.of("src/main/resources/org/amend4j/cuda");

    @TempDir
    private Path folder;

    private record Ran(int code, String text) {}

    @BeforeAll
    static void needsPython() throws InterruptedException {
        String sentence = "The first look at a card needs python3 with numpy on the PATH.";
        try {
            assumeTrue(ran("python3", "-c", "import numpy").code() == 0, sentence);
        } catch (IOException noPython) {
            abort(sentence);
        }
        assumeTrue(EmulatedDevice.compiler().isPresent(), "Kernels are launched on this processor by a C++ compiler.");
    }

    private static Ran ran(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    private Ran look(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", LOOK.toString()));
        command.addAll(List.of(options));
        return ran(command.toArray(String[]::new));
    }

    /** Sources, those of the benchmark's step among them, and the emulation beside them. */
    private Path copies() throws IOException {
        Path copies = Files.createDirectories(folder.resolve("kernels"));
        for (String source : List.of("dropout", "embedding", "loss", "low_rank", "optimizer", "pieces", "pooling")) {
            Files.copy(RESOURCES.resolve("kernels/" + source + ".cu"), copies.resolve(source + ".cu"));
        }
        Files.copy(RESOURCES.resolve("kernels/prelude.cuh"), copies.resolve("prelude.cuh"));
        Files.copy(RESOURCES.resolve("emulated/emulation.h"), copies.resolve("emulation.h"));
        return copies;
    }

    @Test
    void everySourceIsLaunchedAndMeetsItsNumpyReference() throws IOException, InterruptedException {
        Path json = folder.resolve("look.json");
        Ran ran = look("--dry-run", "--quick", "--json", json.toString());
        assertEquals(0, ran.code(), ran.text());
        String written = Files.readString(json);
        assertTrue(written.contains("\"complete\": true"), written);
        for (String source : KernelSources.names()) {
            assertTrue(written.contains("\"source\": \"" + source + "\""), source);
        }
        assertTrue(ran.text().contains("Assumptions: not measured."), ran.text());
        assertTrue(written.contains("\"name\": \"low_rank_gradients, bfloat16\""), written);
        assertTrue(!written.contains("\"microseconds\""), "nothing is measured without a card");
    }

    /** A formula changed a little in three sources, and a source that nobody launches. */
    @Test
    void aWrongFormulaAndASourceThatIsNotLaunchedAreNoticed() throws IOException, InterruptedException {
        Path copies = copies();
        replace(copies.resolve("optimizer.cu"), "sqrtf(v) + least", "sqrtf(v + least) * 1.0001f");
        replace(copies.resolve("loss.cu"), "p * mass - t[c]", "p * mass - 0.999f * t[c]");
        replace(copies.resolve("pooling.cu"), "value > most", "value >= most + 0.25f");
        Files.writeString(
                copies.resolve("new.cu"), "extern \"C\" __global__ void fresh(float *out) { out[0] = 1.0f; }\n");
        Path json = folder.resolve("look.json");
        Ran ran = look("--dry-run", "--quick", "--kernels", copies.toString(), "--json", json.toString());
        assertEquals(1, ran.code(), ran.text());
        for (String fault :
                List.of("optimizer.cu, adam is off", "loss.cu, softmax_cross_entropy is off", "no kernel of new.cu")) {
            assertTrue(ran.text().contains("FAILED: " + fault), fault + " in\n" + ran.text());
        }
        assertTrue(ran.text().contains("pooling.cu, max_pool is off"), ran.text());
        assertTrue(Files.readString(json).contains("optimizer.cu, adam is off"));
    }

    private static void replace(Path file, String right, String wrong) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(right), file + " has no " + right);
        Files.writeString(file, text.replace(right, wrong));
    }

    @Test
    void aMachineWithoutACardIsToldSoInOneSentence() throws IOException, InterruptedException {
        assumeTrue(Files.notExists(Path.of("/proc/driver/nvidia/version")), "There is a card.");
        Ran ran = look();
        assertEquals(2, ran.code(), ran.text());
        assertTrue(ran.text().startsWith("FAILED: No look at a card: there is no lib"), ran.text());
        assertEquals(1, ran.text().lines().count(), ran.text());
    }

    /** What is printed by Python that has card.py at hand, a line each. */
    private static List<String> printed(String script) throws IOException, InterruptedException {
        String beside = "import sys; sys.path.insert(0, r'" + LOOK.getParent() + "'); import card\n";
        Ran ran = ran("python3", "-B", "-c", beside + script);
        assertEquals(0, ran.code(), ran.text());
        return ran.text().lines().toList();
    }

    @Test
    void whatIsMeasuredIsWhatPredictionsTakeForGranted() throws IOException, InterruptedException {
        List<String> assumed = Arrays.stream(Assumptions.class.getRecordComponents())
                .map(component -> {
                    try {
                        return component.getName() + " "
                                + component.getAccessor().invoke(Assumptions.USUAL);
                    } catch (ReflectiveOperationException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
        assertEquals(assumed, printed("for each in card.ASSUMED.items(): print(*each)"));
        List<String> sheets = Arrays.stream(Card.values())
                .map(card -> String.format(
                        Locale.ROOT,
                        "%s %s %s %s %s %s",
                        card.name().toLowerCase(Locale.ROOT),
                        card.title(),
                        card.teraflops(ProductPrecision.FP32),
                        card.teraflops(ProductPrecision.TF32),
                        card.teraflops(ProductPrecision.BF16),
                        card.gigabytes()))
                .toList();
        assertEquals(sheets, printed("for name, sheet in card.SHEETS.items(): print(name, *sheet[:-1])"));
    }

    @Test
    void kernelsAreTimedWithTheBytesAndFlopsThatPredictionsCount() throws IOException, InterruptedException {
        TreeSet<String> counted = new TreeSet<>(counted(ElementType.FLOAT));
        counted.addAll(counted(ElementType.BFLOAT16));
        List<String> timed =
                printed("for t in card.step_kernels(4096, 4096, 16): print('%s: %d, %d' % (t.name, t.moved, t.flops))");
        assertEquals(counted, new TreeSet<>(timed));
    }

    /** Arrays of a device that only counts. */
    private record Held(CountingDevice device, List<MachineArray> arrays) implements AutoCloseable {

        MachineArray floats(long length) {
            return array(ElementType.FLOAT, length);
        }

        MachineArray array(ElementType type, long length) {
            arrays.add(device.allocate("an array", type, length));
            return arrays.get(arrays.size() - 1);
        }

        MatrixView matrix(ElementType type, int rows, int columns) {
            return MatrixView.of(array(type, (long) rows * columns), rows, columns);
        }

        @Override
        public void close() {
            arrays.forEach(MachineArray::close);
        }
    }

    /** The kernels that are timed, on 4096 x 4096 numbers and rank 16, with rows of a type. */
    private static List<String> counted(ElementType type) {
        int n = 4096;
        int rank = 16;
        int classes = 10;
        int layers = 4;
        int ofFactor = n * rank;
        try (CountingDevice device = new CountingDevice();
                Held held = new Held(device, new ArrayList<>())) {
            MatrixView d = held.matrix(type, n, n);
            MatrixView up = held.matrix(type, rank, n);
            MatrixView low = held.matrix(type, n, rank);
            MatrixView outer = held.matrix(type, n, rank);
            int chunks = LowRankKernels.chunks(n);
            MachineArray sums = held.floats((long) chunks * ofFactor);
            MachineArray scratch = held.floats((long) n * LowRankKernels.scratchOfRow(n, rank));
            Optional<LowRankKernels.Sums> earlier = Optional.of(
                    new LowRankKernels.Sums(chunks, held.floats((long) chunks * ofFactor), held.floats(ofFactor)));
            LowRankKernels adapters = device.kernels().lowRank();
            adapters.project(d, up, 0.5, outer, scratch);
            adapters.gradients(new LowRankKernels.Factors(d, up, low), 0.5, outer, sums, scratch, earlier);
            adapters.gradient(d, low, sums, earlier);
            MatrixView labels = held.matrix(ElementType.FLOAT, n, classes);
            MachineArray tokens = held.array(ElementType.INT, n);
            device.kernels()
                    .embedding()
                    .gatherPair(d, labels, tokens, held.matrix(type, n, n), held.matrix(ElementType.FLOAT, n, classes));
            List<Piece> factors = IntStream.range(0, 3 * layers) // each B twice
                    .mapToObj(k -> new Piece(0, rank, n, (long) k * ofFactor, n, false))
                    .toList();
            try (Pieces pieces = Pieces.on(device, "pieces", factors)) {
                MachineArray beside = held.array(type, 3L * layers * ofFactor);
                device.kernels().pieces().copy(held.floats(ofFactor), pieces, beside);
            }
            if (type == ElementType.FLOAT) {
                long count = 2L * layers * ofFactor + (n + 1L) * classes;
                OptimizerKernels.Pace pace = new OptimizerKernels.Pace(held.floats(OptimizerKernels.Pace.NUMBERS), 1);
                OptimizerKernels.Adam adam = OptimizerKernels.Adam.PYTORCH;
                device.kernels()
                        .optimizer()
                        .adamInPlace(
                                held.floats(count),
                                held.floats(count),
                                held.floats(count),
                                held.floats(count),
                                1,
                                pace,
                                adam);
            }
            String ending = type == ElementType.FLOAT ? "" : ", bfloat16";
            return device.calls().stream()
                    .filter(call -> call.kind() == Call.Kind.KERNEL)
                    .map(call -> String.format(
                            Locale.ROOT,
                            "%s%s: %d, %.0f",
                            call.name(),
                            ending,
                            call.traffic().bytes(),
                            call.flops()))
                    .toList();
        }
    }
}
