/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.EmulatedCompute;
import org.amend4j.app.demo.AdapterTraining;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.testkit.Exhaustive;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class BenchTest {

    private static Progress silent() {
        return Progress.to(new PrintWriter(new StringWriter()));
    }

    @Test
    void everythingIsMeasuredInOrderOnTheCpu() throws IOException {
        try (Compute compute = Compute.cpu(silent())) {
            checkAll(BenchJob.run(compute, Scale.TINY, unused -> {}, silent()));
        }
    }

    /** The work of a card that has no memory for full gradients. */
    private static Workbench withoutFullGradients(Compute compute) {
        MachineWorkbench all = new MachineWorkbench(compute.machine(), compute.precision());
        return new Workbench() {
            @Override
            public PreparedWork product(Layout layout, int size) {
                return all.product(layout, size);
            }

            @Override
            public Optional<PreparedWork> productOfTraining(Layout layout, int size) {
                return all.productOfTraining(layout, size);
            }

            @Override
            public PreparedWork copy(int floats) {
                return all.copy(floats);
            }

            @Override
            public PreparedWork loraStep(DenseCase shape) {
                return all.loraStep(shape);
            }

            @Override
            public PreparedWork fullGradient(DenseCase shape) {
                throw new OutOfMemoryError("the card is full");
            }

            @Override
            public PreparedWork clippedGradient(DenseCase shape) {
                return all.clippedGradient(shape);
            }

            @Override
            public double milliseconds(PreparedWork work, int times) {
                return all.milliseconds(work, times);
            }
        };
    }

    @Test
    void whatCannotBeMeasuredIsNamedAndNothingElseIsLost() {
        List<BenchResult> all = new ArrayList<>();
        BenchResult result;
        try (Compute compute = Compute.cpu(silent())) {
            result = BenchJob.run(withoutFullGradients(compute), compute, Scale.TINY, all::add, silent());
        }
        assertEquals(
                List.of("LoRA step", "clipped gradient"),
                result.measurements().stream().map(Measurement::what).toList());
        assertTrue(result.demo().isPresent());
        assertEquals(1, result.errors().size());
        assertTrue(
                result.errors().get(0).contains("the card is full"),
                result.errors().get(0));
        assertTrue(result.text().contains("not measured"), result.text());
        String page = result.view().toHtml();
        assertTrue(page.indexOf("the card is full") < page.indexOf("LoRA step"), page);
        assertTrue(Json.tree(result.facts()).path("errors").path(0).has("error"), "a field of its own");
        // Whatever is measured is told at once.
        assertEquals(
                List.of(0, 1, 1, 2, 2),
                all.stream().map(one -> one.measurements().size()).toList());
        assertEquals(
                List.of(false, false, false, false, true),
                all.stream().map(BenchResult::complete).toList());
    }

    /** Where a product of two billion flops takes a second, a step of 4096 records takes minutes. */
    @Test
    void whatTakesTooLongIsLeftOutWithASentenceAndIsNoFailure() {
        StringWriter told = new StringWriter();
        Scale scale = new Scale(
                "slow",
                List.of(32),
                1 << 10,
                List.of(new DenseCase(1, 16, 2, 4), new DenseCase(4, 4096, 16, 4096)),
                List.of(),
                Optional.empty(),
                new Scale.Rounds(0, 0, 1));
        BenchResult result =
                BenchJob.run(slow(), Compute.cpu(silent()), scale, unused -> {}, Progress.to(new PrintWriter(told)));
        assertEquals(List.of(), result.errors());
        assertEquals(1, result.measurements().size());
        assertEquals("4 x 4096, rank 16, 4096 records", result.leftOut().get(0).shape());
        assertTrue(told.toString().contains("left out, once would take"), told.toString());
        assertTrue(result.text().contains("left out"), result.text());
        assertTrue(result.demo().isEmpty());
        assertEquals(1, result.facts().leftOut().size());
    }

    /** Whatever it does takes a millisecond. */
    private static Workbench slow() {
        PreparedWork nothing = new Prepared(() -> {}, () -> {});
        return new Workbench() {
            @Override
            public PreparedWork product(Layout layout, int size) {
                return nothing;
            }

            @Override
            public Optional<PreparedWork> productOfTraining(Layout layout, int size) {
                return Optional.empty();
            }

            @Override
            public PreparedWork copy(int floats) {
                return nothing;
            }

            @Override
            public PreparedWork loraStep(DenseCase shape) {
                return nothing;
            }

            @Override
            public PreparedWork fullGradient(DenseCase shape) {
                return nothing;
            }

            @Override
            public PreparedWork clippedGradient(DenseCase shape) {
                return nothing;
            }

            @Override
            public double milliseconds(PreparedWork work, int times) {
                return times;
            }
        };
    }

    @Test
    void peaksAreMeasuredPerLayoutAndThoseOfBfloat16TwoWays() {
        Scale scale = Scale.TINY.withoutDemo();
        try (Compute rounded = EmulatedCompute.askedFor(ProductPrecision.BF16);
                Compute exact = EmulatedCompute.askedFor(ProductPrecision.TF32)) {
            BenchResult bf16 = BenchJob.run(rounded, scale, unused -> {}, silent());
            assertEquals(
                    List.of("TN", "NN", "NT"),
                    List.copyOf(bf16.facts().hardware().peaks().keySet()));
            assertEquals(
                    3, bf16.facts().hardware().peaksOfTraining().orElseThrow().size());
            assertTrue(bf16.text().contains("stored in bfloat16"), bf16.text());
            BenchResult tf32 = BenchJob.run(exact, scale, unused -> {}, silent());
            assertFalse(Json.tree(tf32.facts()).has("peaksOfTraining"));
        }
    }

    @Test
    void theShapesMeanSomethingOnACard() {
        for (int records : new int[] {64, 256, 4096}) {
            assertTrue(Scale.FULL.steps().contains(new DenseCase(4, 4096, 16, records)), records + " records");
        }
    }

    private static void checkAll(BenchResult result) {
        assertEquals(
                List.of("LoRA step", "full gradient", "clipped gradient"),
                result.measurements().stream().map(Measurement::what).toList());
        assertTrue(result.limits().gigabytes() > 0);
        for (Measurement one : result.measurements()) {
            assertEquals(3, one.timing().milliseconds().size());
            assertTrue(one.fraction() > 0 && Double.isFinite(one.fraction()), one.toString());
        }
        DemoMeasurement demo = result.demo().orElseThrow();
        assertEquals(List.of(), result.errors());
        assertTrue(result.complete());
        assertTrue(demo.result().accuracy() >= 0 && demo.result().accuracy() <= 1);
        assertTrue(result.text().contains("demo, training"), result.text());
        assertEquals(3, result.facts().measurements().size());
    }

    @Test
    void everythingIsMeasuredOnADeviceAndItsMemoryGivenBack() throws IOException {
        for (ProductPrecision precision : Exhaustive.oneIn(3, List.of(ProductPrecision.values()))) {
            try (Compute compute = EmulatedCompute.askedFor(precision)) {
                checkAll(BenchJob.run(compute, Scale.TINY, unused -> {}, silent()));
                assertEquals(0, compute.device().orElseThrow().bytesInUse());
            }
        }
    }

    /** Products of a step on a network of 2 layers of 3, rank 1, 5 records, listed one by one as [m, k, n]. */
    @Test
    void theFlopsOfAStepAreThoseOfItsProducts() {
        int[][] products = {
            {5, 3, 3},
            {5, 3, 1},
            {5, 1, 3}, // first layer
            {5, 3, 3},
            {5, 3, 1},
            {5, 1, 3}, // second
            {5, 3, 10}, // output
            {3, 5, 10},
            {5, 10, 3}, // its weight's and its input's gradient
            {1, 5, 3},
            {5, 3, 1},
            {3, 5, 1},
            {5, 3, 3},
            {5, 1, 3}, // second: dB, dP, dA, and its input's through W and A
            {1, 5, 3},
            {5, 3, 1},
            {3, 5, 1} // first: nobody wants its input's
        };
        Map<Layout, int[]> of = Map.of(
                Layout.TN, new int[] {0, 1, 2, 3, 4, 5, 6},
                Layout.NN, new int[] {8, 10, 12, 13, 15},
                Layout.NT, new int[] {7, 9, 11, 14, 16});
        MinimumCost cost = new DenseCase(2, 3, 1, 5).gradientCost();
        of.forEach((layout, places) -> assertEquals(
                IntStream.of(places)
                        .mapToDouble(i -> 2.0 * products[i][0] * products[i][1] * products[i][2])
                        .sum(),
                cost.flops(layout),
                layout.name()));
        assertEquals(cost.flops(Layout.TN) + cost.flops(Layout.NN) + cost.flops(Layout.NT), cost.flops());
    }

    @Test
    void theFloorIsTheTimeOfProductsAndOfBytes() {
        // 3 GFLOP at 2 GFLOP/s, 2 at 4, 1 at 8, and 1 GB at 4 GB/s.
        Peaks peaks = new Peaks(Map.of(Layout.TN, 2.0, Layout.NN, 4.0, Layout.NT, 8.0));
        assertEquals(
                1500 + 500 + 125 + 250,
                new Limits(peaks, 4).floorMilliseconds(new MinimumCost(3e9, 2e9, 1e9, 1e9)),
                1e-9);
    }

    @Test
    void whatIsFasterThanItsFloorIsSaidToBeDisturbed() {
        assertTrue(demoOf(0.5).text().contains("More than 100 %"));
        assertTrue(demoOf(0.5).facts().hardware().disturbed());
        assertFalse(demoOf(2).text().contains("More than 100 %"));
        assertFalse(demoOf(2).facts().hardware().disturbed());
    }

    /** One second at least by its floor. */
    private static BenchResult demoOf(double seconds) {
        Limits limits = new Limits(Peaks.same(1), 1);
        return new BenchResult(
                limits,
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Optional.of(new DemoMeasurement(
                        Scale.TINY.pictures().orElseThrow(),
                        new AdapterTraining.Result(1, seconds, 0.5),
                        new MinimumCost(1e9, 0, 0, 0),
                        limits)),
                true);
    }

    @Test
    void theMedianIsTheMiddleOne() {
        assertEquals(2, new Timing(List.of(9.0, 2.0, 1.0)).median());
        assertEquals(3, new Timing(List.of(9.0, 2.0, 1.0, 4.0)).median());
        assertEquals(1, new Timing(List.of(9.0, 2.0, 1.0)).best());
        assertThrows(IllegalArgumentException.class, () -> new Timing(List.of()));
    }

    /** A 1×1 convolution 2→4 on 3×3 pixels, a depthwise one, pooling, and an output layer 4→2. */
    @Test
    void theCostOfATailIsCountedFromItsShapes() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer("one", new ConvolutionLayer.Builder(1, 1).nOut(4).build(), "in")
                .addLayer(
                        "deep", new DepthwiseConvolution2D.Builder(1, 1).nOut(4).build(), "one")
                .addLayer("pool", new GlobalPoolingLayer.Builder().build(), "deep")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(3, 3, 2))
                .build());
        graph.init();
        MinimumCost cost = TailCost.perExample(
                graph, List.of("out", "pool", "deep", "one"), Nd4j.zeros(DataType.FLOAT, 1, 2, 3, 3));
        // Forward 9·2·4 and 4·2, the same for input gradients, less the cheaper one.
        assertEquals(2 * (2 * (72 + 8) - 8), cost.flops());
        assertEquals(4 * 5 * (36 + 36 + 4 + 2), cost.bytes());
    }

    @Test
    void noParameterOfTheProblemIsZeroSoThatEveryGradientIsComputed() {
        DenseProblem problem = DenseProblem.of(new DenseCase(2, 8, 2, 4));
        double[] theta = ParameterVectors.of(problem.graph());
        OptionalInt zero =
                IntStream.range(0, theta.length).filter(i -> theta[i] == 0).findFirst();
        assertTrue(zero.isEmpty(), "parameter " + zero);
        assertEquals(2 * (8 * 2 + 2 * 8) + 8 * 10 + 10, theta.length);
    }
}
