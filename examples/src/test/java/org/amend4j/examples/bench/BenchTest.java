package org.amend4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.cuda.device.ProductPrecision;
import org.amend4j.examples.compute.Compute;
import org.amend4j.examples.compute.EmulatedCompute;
import org.amend4j.examples.demo.AdapterTraining;
import org.amend4j.examples.job.Progress;
import org.amend4j.objective.ParameterVectors;
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
        BenchResult result = BenchJob.run(Compute.cpu(silent()), Scale.TINY, unused -> {}, silent());
        checkAll(result);
    }

    /** The work of a card that has no memory for full gradients. */
    private static Workbench withoutFullGradients() {
        CpuWorkbench all = new CpuWorkbench();
        return new Workbench() {
            @Override
            public Work product(int size) {
                return all.product(size);
            }

            @Override
            public Work copy(int floats) {
                return all.copy(floats);
            }

            @Override
            public Work loraStep(DenseShape shape) {
                return all.loraStep(shape);
            }

            @Override
            public Work fullGradient(DenseShape shape) {
                throw new OutOfMemoryError("the card is full");
            }

            @Override
            public Work clippedGradient(DenseShape shape) {
                return all.clippedGradient(shape);
            }

            @Override
            public double milliseconds(Work work, int times) {
                return all.milliseconds(work, times);
            }
        };
    }

    @Test
    void whatCannotBeMeasuredIsNamedAndNothingElseIsLost() {
        List<BenchResult> all = new ArrayList<>();
        BenchResult result =
                BenchJob.run(withoutFullGradients(), Compute.cpu(silent()), Scale.TINY, all::add, silent());
        assertEquals(
                List.of("LoRA step", "clipped gradient"),
                result.measurements().stream().map(Measurement::what).toList());
        assertTrue(result.demo().isPresent());
        assertEquals(1, result.errors().size());
        assertTrue(
                result.errors().get(0).contains("the card is full"),
                result.errors().get(0));
        assertTrue(result.text().contains("not measured"), result.text());
        assertTrue(((List<?>) result.facts().get("errors")).get(0).toString().contains("error="), "a field of its own");
        // Whatever is measured is told at once.
        assertEquals(
                List.of(0, 1, 1, 2, 2),
                all.stream().map(one -> one.measurements().size()).toList());
        assertEquals(
                List.of(false, false, false, false, true),
                all.stream().map(BenchResult::complete).toList());
    }

    private static void checkAll(BenchResult result) {
        assertEquals(
                List.of("LoRA step", "full gradient", "clipped gradient"),
                result.measurements().stream().map(Measurement::what).toList());
        assertTrue(result.limits().gigaflops() > 0 && result.limits().gigabytes() > 0);
        for (Measurement one : result.measurements()) {
            assertEquals(3, one.timing().milliseconds().size());
            assertTrue(one.fraction() > 0 && Double.isFinite(one.fraction()), one.toString());
        }
        DemoMeasurement demo = result.demo().orElseThrow();
        assertEquals(List.of(), result.errors());
        assertTrue(result.complete());
        assertTrue(demo.result().accuracy() >= 0 && demo.result().accuracy() <= 1);
        assertTrue(result.text().contains("demo, training"), result.text());
        assertEquals(3, ((List<?>) result.facts().get("measurements")).size());
    }

    @Test
    void everythingIsMeasuredOnADeviceAndItsMemoryGivenBack() throws IOException {
        for (ProductPrecision precision : ProductPrecision.values()) {
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
        double flops = 0;
        for (int[] product : products) {
            flops += 2.0 * product[0] * product[1] * product[2];
        }
        assertEquals(flops, new DenseShape(2, 3, 1, 5).gradientCost().flops());
    }

    @Test
    void theFloorIsTheTimeOfProductsAndOfBytes() {
        // 3 GFLOP at 2 GFLOP/s and 1 GB at 4 GB/s.
        assertEquals(1750, new Limits(2, 4).floorMilliseconds(new Cost(3e9, 1e9)), 1e-9);
    }

    @Test
    void whatIsFasterThanItsFloorIsSaidToBeDisturbed() {
        assertTrue(demoOf(0.5).text().contains("More than 100 %"));
        assertEquals(true, demoOf(0.5).facts().get("disturbed"));
        assertFalse(demoOf(2).text().contains("More than 100 %"));
        assertEquals(false, demoOf(2).facts().get("disturbed"));
    }

    /** One second at least by its floor. */
    private static BenchResult demoOf(double seconds) {
        Limits limits = new Limits(1, 1);
        return new BenchResult(
                limits,
                List.of(),
                List.of(),
                Optional.of(new DemoMeasurement(
                        Scale.TINY.pictures(), new AdapterTraining.Result(1, seconds, 0.5), new Cost(1e9, 0), limits)),
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
        Cost cost = TailCost.perExample(
                graph, List.of("out", "pool", "deep", "one"), Nd4j.zeros(DataType.FLOAT, 1, 2, 3, 3));
        // Forward 9·2·4 and 4·2, the same for input gradients, less the cheaper one.
        assertEquals(2 * (2 * (72 + 8) - 8), cost.flops());
        assertEquals(4 * 5 * (36 + 36 + 4 + 2), cost.bytes());
    }

    @Test
    void noParameterOfTheProblemIsZeroSoThatEveryGradientIsComputed() {
        DenseProblem problem = DenseProblem.of(new DenseShape(2, 8, 2, 4));
        double[] theta = ParameterVectors.of(problem.graph());
        OptionalInt zero = java.util.stream.IntStream.range(0, theta.length)
                .filter(i -> theta[i] == 0)
                .findFirst();
        assertTrue(zero.isEmpty(), "parameter " + zero);
        assertEquals(2 * (8 * 2 + 2 * 8) + 8 * 10 + 10, theta.length);
    }
}
