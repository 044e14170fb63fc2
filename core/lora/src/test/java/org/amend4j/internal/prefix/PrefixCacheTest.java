/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.prefix.CacheFullException;
import org.amend4j.prefix.Graphs;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.prefix.Prefix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Laws of the disk cache. */
class PrefixCacheTest {

    private static final int EXAMPLES = 23;
    private static final String BASE = "ab".repeat(32);
    private static final long ROOM = 1 << 20;

    @TempDir
    Path directory;

    private HostPrefix program = HostPrefix.of(network(), List.of("dense"));
    private PrefixCache cache = PrefixCache.at(Path.of("unset"), ROOM);

    @BeforeEach
    void open() {
        cache = PrefixCache.at(directory, ROOM);
    }

    private static ComputationGraph network() {
        return Graphs.init(
                Graphs.builder(1)
                        .addInputs("in")
                        .addLayer(
                                "dense",
                                new DenseLayer.Builder()
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build(),
                                "in")
                        .addLayer(
                                "wide",
                                new DenseLayer.Builder()
                                        .nOut(6)
                                        .activation(Activation.RELU)
                                        .build(),
                                "dense")
                        .addLayer(
                                "out",
                                new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                                        .nOut(2)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                "wide")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(3)),
                1);
    }

    /** Data in which label 0 is the example's number. */
    private static Data data(int batch) {
        return new Data(batch, true);
    }

    private CachedData compute(MultiDataSetIterator data) {
        return cache.compute(program, BASE, data, done -> {});
    }

    @Test
    void activationsLabelsAndMasksComeBackInOrderAndToTheBit() {
        for (long memory : new long[] {0, ROOM}) {
            try (CachedData cached = cache.withMemory(memory).compute(program, BASE, data(5), done -> {})) {
                assertEquals(memory > 0, cached.inMemory());
                MultiDataSetIterator iterator = cached.inOrder(7);
                INDArray features = Data.features();
                for (int from = 0; iterator.hasNext(); from += 7) {
                    org.nd4j.linalg.dataset.api.MultiDataSet batch = iterator.next();
                    int to = Math.min(EXAMPLES, from + 7);
                    assertEquals(to - from, batch.getFeatures(0).size(0));
                    INDArray expected =
                            program.run(features)[0].get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
                    assertTrue(Graphs.roundings(expected, batch.getFeatures(0)) <= Graphs.TOLERANCE);
                    assertEquals(from, batch.getLabels(0).getInt(0, 0));
                    assertArrayEquals(
                            Data.masks()
                                    .get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                                    .dup('c')
                                    .data()
                                    .asFloat(),
                            batch.getLabelsMaskArray(0).dup('c').data().asFloat());
                }
            }
        }
    }

    @Test
    void theSecondTimeNothingIsComputedWhateverTheBatchSize() {
        List<Long> progress = new ArrayList<>();
        try (CachedData first = cache.compute(program, BASE, data(5), progress::add)) {
            assertTrue(first.computed());
            assertEquals(List.of(5L, 10L, 15L, 20L, 23L), progress);
        }
        progress.clear();
        try (CachedData second = cache.compute(program, BASE, data(8), progress::add)) {
            assertFalse(second.computed());
            assertEquals(List.of(), progress);
        }
    }

    @Test
    void baseCutLabelsAndFeaturesEachMakeAnotherKey() throws IOException {
        compute(data(5)).close();
        cache.compute(program, "cd".repeat(32), data(5), done -> {}).close();
        cache.compute(HostPrefix.of(network(), List.of("wide")), BASE, data(5), done -> {})
                .close();
        cache.compute(HostPrefix.of(network(), List.of("dense", "wide")), BASE, data(5), done -> {})
                .close();
        compute(data(5).withFeature(22, 0.125f)).close();
        compute(data(5).withLabel(3, 99f)).close();
        assertEquals(6, files().size());
    }

    /** The same function, as somebody else computes it: up to rounding. */
    private record Elsewhere(HostPrefix program, String origin) implements Prefix {
        @Override
        public List<String> outputs() {
            return program.outputs();
        }

        @Override
        public DataType dataType() {
            return program.dataType();
        }

        @Override
        public INDArray[] run(INDArray... inputs) {
            return Stream.of(program.run(inputs))
                    .map(array -> array.mul(1 + 0x1p-20))
                    .toArray(INDArray[]::new);
        }
    }

    @Test
    void activationsOfAnotherOriginAreNeverTakenForTheProgramsNorForOneAnothers() throws IOException {
        List<INDArray> first = new ArrayList<>();
        for (Prefix prefix : List.of(
                program, new Elsewhere(program, "card 1 FP32"), new Elsewhere(program, "card 1 TF32"), program)) {
            try (CachedData cached = cache.compute(prefix, BASE, data(5), done -> {})) {
                assertEquals(first.size() < 3, cached.computed(), prefix.origin());
                first.add(cached.inOrder(EXAMPLES).next().getFeatures(0));
            }
        }
        assertEquals(3, files().size());
        assertArrayEquals(first.get(0).data().asFloat(), first.get(3).data().asFloat());
        assertFalse(
                Arrays.equals(first.get(0).data().asFloat(), first.get(1).data().asFloat()));
    }

    /** Files of the same version stay valid. */
    @Test
    void theNameOfTheFileIsAsItWas() throws IOException {
        cache.compute(new Elsewhere(program, "card 1 FP32"), BASE, data(5), done -> {})
                .close();
        assertEquals(
                "92c0db4ec01a03df13efefa1ec862b965dc5a8cb4bb6f72ddad525c8e172511b.prefix",
                files().get(0).getFileName().toString());
    }

    @Test
    void anIteratorThatCannotBeResetIsWalkedOnce() {
        try (CachedData cached = compute(new Data(5, false))) {
            assertTrue(cached.computed());
        }
        try (CachedData cached = compute(data(5))) {
            assertFalse(cached.computed());
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDamagedFileIsComputedAgainAndNeverUsed(long seed) throws IOException {
        compute(data(5)).close();
        Path file = files().get(0);
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(seed);
        byte[] bad = good.clone();
        if (seed % 4 == 0) {
            bad = Arrays.copyOf(good, random.nextInt(good.length));
        } else if (seed % 4 == 1) {
            bad = Arrays.copyOf(good, good.length + 1 + random.nextInt(40));
        } else {
            bad[random.nextInt(seed % 4 == 2 ? 120 : good.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, bad);
        try (CachedData cached = compute(data(5))) {
            assertTrue(cached.computed());
        }
        assertArrayEquals(good, Files.readAllBytes(file));
    }

    @Test
    void theOrderDependsOnSeedAndEpochAlone() {
        try (CachedData cached = compute(data(5))) {
            MultiDataSetIterator a = cached.iterator(4, 7);
            MultiDataSetIterator b = cached.iterator(9, 7);
            List<Integer> first = epoch(a);
            assertEquals(first, epoch(b));
            assertNotEquals(first, epoch(cached.iterator(4, 8)));
            a.reset();
            a.reset();
            b.reset();
            List<Integer> second = epoch(a);
            assertEquals(second, epoch(b), "a reset before the first batch begins no new epoch");
            assertNotEquals(first, second);
            assertEquals(EXAMPLES, second.stream().distinct().count());
        }
    }

    private static List<Integer> epoch(MultiDataSetIterator iterator) {
        List<Integer> order = new ArrayList<>();
        while (iterator.hasNext()) {
            INDArray labels = iterator.next().getLabels(0);
            for (int i = 0; i < labels.size(0); i++) {
                order.add(labels.getInt(i, 0));
            }
        }
        return order;
    }

    @Test
    void aGraphTrainsOnCachedActivations() {
        ComputationGraph tail = Graphs.init(
                Graphs.builder(2)
                        .addInputs("in")
                        .addLayer(
                                "out",
                                new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                                        .nOut(2)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                "in")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(4)),
                2);
        float[] before = tail.params().dup().data().asFloat();
        try (CachedData cached = cache.withMemory(0).compute(program, BASE, data(5), done -> {})) {
            tail.fit(cached.iterator(6, 1), 3);
        }
        assertFalse(Arrays.equals(before, tail.params().dup().data().asFloat()));
    }

    @Test
    void theLeastRecentlyUsedFileGoesFirst() throws IOException {
        compute(data(5)).close();
        Path first = files().get(0);
        long size = Files.size(first);
        PrefixCache two = PrefixCache.at(directory, 2 * size);
        two.compute(program, "01".repeat(32), data(5), done -> {}).close();
        Path second = files().stream().filter(f -> !f.equals(first)).findFirst().orElseThrow();
        Files.setLastModifiedTime(first, FileTime.from(Instant.now().minusSeconds(100)));
        Files.setLastModifiedTime(second, FileTime.from(Instant.now().minusSeconds(50)));
        compute(data(5)).close();
        two.compute(program, "02".repeat(32), data(5), done -> {}).close();
        assertTrue(Files.exists(first), "used last");
        assertFalse(Files.exists(second), "not used since");
        assertEquals(2, files().size());
    }

    @Test
    void dataLargerThanTheBudgetIsRefusedAndLeavesNothing() throws IOException {
        CacheFullException thrown = assertThrows(
                CacheFullException.class,
                () -> PrefixCache.at(directory, 300).compute(program, BASE, data(5), done -> {}));
        assertTrue(String.valueOf(thrown.getMessage())
                .startsWith("the prefix cache may hold 300 bytes, but this data needs at least"));
        assertEquals(List.of(), all());
    }

    @Test
    void aFailureInTheMiddleLeavesNothing() throws IOException {
        Data data = data(5).withFeature(17, Float.NaN);
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> compute(data));
        assertEquals("features must be finite, got NaN in example 17 of feature array 0", thrown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> compute(new Data(5, false).withFeature(17, Float.NaN)));
        assertEquals(List.of(), all());
    }

    @Test
    void badArgumentsAreRefusedWithOneSentence() {
        assertMessage("maxBytes must be >= 1, got 0", () -> PrefixCache.at(directory, 0));
        assertMessage("memory bytes must be >= 0, got -1", () -> cache.withMemory(-1));
        assertMessage(
                "base fingerprint must be 64 hexadecimal digits, got 'xyz'",
                () -> cache.compute(program, "xyz", data(5), done -> {}));
        assertMessage("the data must hold at least one example, got none", () -> compute(data(5).first(0)));
        try (CachedData cached = compute(data(5))) {
            assertMessage("batch size must be >= 1, got 0", () -> cached.iterator(0, 1));
        }
    }

    private static void assertMessage(String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void severalThreadsAndReadersShareACache() {
        List<CompletableFuture<List<Integer>>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            PrefixCache shared = cache.withMemory(i % 2 == 0 ? 0 : ROOM);
            calls.add(CompletableFuture.supplyAsync(() -> {
                try (CachedData cached = shared.compute(program, BASE, data(5), done -> {})) {
                    return epoch(cached.iterator(3, 5));
                }
            }));
        }
        assertEquals(1, calls.stream().map(CompletableFuture::join).distinct().count());
    }

    private List<Path> files() throws IOException {
        return all().stream()
                .filter(path -> path.toString().endsWith(".prefix"))
                .toList();
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    /** Fixed data in batches of a given size. */
    private static final class Data implements MultiDataSetIterator {
        private static final long serialVersionUID = 1L;
        private final int batch;
        private final boolean resets;
        private final transient INDArray features = features();
        private final transient INDArray labels = labels();
        private int examples = EXAMPLES;
        private int position;

        Data(int batch, boolean resets) {
            this.batch = batch;
            this.resets = resets;
        }

        static INDArray features() {
            return Graphs.input(77, EXAMPLES, 3);
        }

        static INDArray labels() {
            INDArray labels = Graphs.input(78, EXAMPLES, 2);
            for (int i = 0; i < EXAMPLES; i++) {
                labels.putScalar(i, 0, i);
            }
            return labels;
        }

        static INDArray masks() {
            return Nd4j.linspace(0, 1, EXAMPLES, DataType.FLOAT).reshape('c', new long[] {EXAMPLES, 1});
        }

        Data withFeature(int example, float value) {
            features.putScalar(example, 1, value);
            return this;
        }

        Data withLabel(int example, float value) {
            labels.putScalar(example, 1, value);
            return this;
        }

        Data first(int count) {
            examples = count;
            return this;
        }

        @Override
        public MultiDataSet next(int num) {
            int to = Math.min(examples, position + num);
            INDArray[] parts = Stream.of(features, labels, masks())
                    .map(a -> a.get(NDArrayIndex.interval(position, to), NDArrayIndex.all()))
                    .toArray(INDArray[]::new);
            position = to;
            return new MultiDataSet(
                    new INDArray[] {parts[0]}, new INDArray[] {parts[1]}, null, new INDArray[] {parts[2]});
        }

        @Override
        public MultiDataSet next() {
            return next(batch);
        }

        @Override
        public boolean hasNext() {
            return position < examples;
        }

        @Override
        public void reset() {
            position = 0;
        }

        @Override
        public boolean resetSupported() {
            return resets;
        }

        @Override
        public boolean asyncSupported() {
            return false;
        }

        @Override
        public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
            throw new UnsupportedOperationException("not used here");
        }

        @Override
        public MultiDataSetPreProcessor getPreProcessor() {
            throw new UnsupportedOperationException("not used here");
        }
    }
}
