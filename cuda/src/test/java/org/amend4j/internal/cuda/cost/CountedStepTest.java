/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A whole step of training on the device that counts, against the emulated one. */
class CountedStepTest {

    private static final int ROWS = 70;
    private static final int WIDTH = 137;
    private static final int RANK = 3;
    /** One has a place for a record more where nothing is recorded, the other reads B twice, which counts twice. */
    private static final Set<String> UNLIKE = Set.of("begin_step", "copy_pieces");

    private static ComputationGraph adapted() {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0))
                .graphBuilder()
                .addInputs("in");
        for (int layer = 0; layer < 3; layer++) {
            builder.addLayer(
                    "dense_" + layer,
                    new DenseLayer.Builder()
                            .nIn(WIDTH)
                            .nOut(WIDTH)
                            .activation(layer == 1 ? Activation.TANH : Activation.RELU)
                            .build(),
                    layer == 0 ? "in" : "dense_" + (layer - 1));
        }
        ComputationGraph graph = new ComputationGraph(builder.addLayer(
                        "out", new OutputLayer.Builder().nIn(WIDTH).nOut(5).build(), "dense_2")
                .setOutputs("out")
                .build());
        graph.init();
        return AdaptedModel.attach(
                        BaseModel.of(graph),
                        LoraConfig.of(RANK, RANK)
                                .withTargets("dense_0", "dense_1", "dense_2")
                                .withTrainedInFull("out"),
                        new FineTuneConfiguration.Builder()
                                .seed(3)
                                .updater(new Adam(1e-3))
                                .build())
                .graph();
    }

    private static PlannedTraining training(Device device, int batch) {
        double[] numbers = new Random(7).doubles(2L * ROWS * WIDTH).toArray();
        INDArray rows = Nd4j.createFromArray(numbers).castTo(DataType.FLOAT).reshape(2 * ROWS, WIDTH);
        DataSet data = new DataSet(rows, Nd4j.ones(2 * ROWS, 5).divi(5));
        return PlannedTraining.of(device, adapted(), Records.of(data), batch, Arithmetic.SINGLE);
    }

    /** The counted step of a batch, which is recorded and replayed. */
    private static List<Call> counted() {
        try (CountingDevice device = new CountingDevice();
                PlannedTraining training = training(device, ROWS)) {
            training.begin(IntStream.range(0, 2 * ROWS).toArray());
            training.next();
            device.forget();
            training.next();
            return device.calls();
        }
    }

    @Test
    @Tag("exhaustive")
    void aStepLaunchesAndTouchesWhatIsCounted() {
        List<AuditedDevice.Audit> audits;
        try (AuditedDevice device = AuditedDevice.open();
                PlannedTraining training = training(device, ROWS + 1)) {
            training.step(IntStream.range(0, ROWS).toArray()); // places weights
            int before = device.audits().size();
            training.step(IntStream.range(0, ROWS).toArray()); // not a full batch, so nothing is recorded
            audits = device.audits().subList(before, device.audits().size()).stream()
                    .filter(audit -> !audit.kernel().startsWith("epilogue_")) // counted with their products
                    .filter(audit -> !UNLIKE.contains(audit.kernel()))
                    .toList();
        }
        audits.forEach(audit -> assertEquals(audit.touched(), audit.counted(), audit.kernel()));
        List<Call> kernels = counted().stream()
                .filter(call -> call.kind() == Call.Kind.KERNEL)
                .filter(call -> !UNLIKE.contains(call.name()))
                .toList();
        assertEquals(
                audits.stream().map(AuditedDevice.Audit::kernel).toList(),
                kernels.stream().map(Call::name).toList());
        assertEquals(
                audits.stream().map(AuditedDevice.Audit::touched).toList(),
                kernels.stream().map(Call::traffic).toList());
    }

    @Test
    void recordsAndTheirLabelsAreGatheredByOneLaunch() {
        List<Call> gathering = counted().stream()
                .filter(call -> call.name().startsWith("gather"))
                .toList();
        assertEquals(List.of("gather_pair"), gathering.stream().map(Call::name).toList());
        long rows = 4 * ROWS * (WIDTH + 5);
        assertEquals(new Traffic(rows + 4 * ROWS, rows), gathering.get(0).traffic());
    }

    @Test
    void productsReadTheirFactorsAndWriteTheirResult() {
        List<Call> products =
                counted().stream().filter(call -> call.kind().isProduct()).toList();
        // W with its adapter, forward and back but for the lowest, what else adapters need being kernels'; the output
        // forward, back, and its gradient
        assertEquals(3 + 2 + 3, products.size());
        Call first = products.stream()
                .filter(call -> call.name().equals("[70, 140] x [140, 137]")) // 137, and the adapter's 3
                .findFirst()
                .orElseThrow();
        assertEquals(2.0 * 70 * 140 * 137, first.flops());
        assertEquals(4 * (70 * 140 + 140 * 137), first.traffic().read());
        assertEquals(4 * 70 * 137, first.traffic().written());
    }

    @Test
    void partsAndStepsAreTheWhole() {
        Prediction prediction = Prediction.of(counted(), Card.H100, ProductPrecision.TF32, Assumptions.USUAL);
        PartCost total = prediction.total();
        for (List<PartCost> costs : List.of(prediction.parts(), prediction.steps())) {
            PartCost sum = costs.stream().reduce(PartCost.none("total"), PartCost::plus);
            assertEquals(total.launches(), sum.launches());
            assertEquals(total.traffic(), sum.traffic());
            assertEquals(total.flops(), sum.flops());
            assertEquals(total.predicted(), sum.predicted(), 1e-9 * total.predicted());
        }
        assertTrue(total.floor() < total.predicted());
        assertTrue(prediction.table().contains("not measured"), prediction.table());
    }

    /** 2·4096³ operations at 494.7 TFLOP/s, or 3·4096² floats at 3350 GB/s: the longer of the two. */
    @Test
    void aRooflineIsTheLongerOfArithmeticAndBytes() {
        double n = 4096;
        Call.Owner nobody = new Call.Owner("", "");
        Traffic square = new Traffic((long) (8 * n * n), (long) (4 * n * n));
        Roofline h100 = new Roofline(Card.H100, ProductPrecision.TF32, Assumptions.USUAL);
        Call product = new Call(Call.Kind.LARGE_PRODUCT, "product", nobody, 2 * n * n * n, square);
        assertEquals(2 * n * n * n / 494.7e6, h100.floor(product), 1e-6);
        Call kernel = new Call(Call.Kind.KERNEL, "kernel", nobody, 0, square);
        assertEquals(12 * n * n / 3350e3, h100.floor(kernel), 1e-6);
        assertEquals(12 * n * n / 3350e3 / 0.75 + 2, h100.predicted(kernel), 1e-6);
        Call upload = new Call(Call.Kind.TRANSFER, "upload", nobody, 0, square);
        assertEquals(0, h100.floor(upload));
    }
}
