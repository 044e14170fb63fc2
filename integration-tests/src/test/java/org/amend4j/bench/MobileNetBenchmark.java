package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.integration.MobileNetV2;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.PrefixProgram;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * MobileNetV2 at 96 pixels, batch 16: the frozen forward pass up to {@code out_relu} against Deeplearning4j's own, and a
 * training step (the backbone up to {@code block_12_add}, pooling, a new head; adapters of rank 8 on the 1×1 convolutions
 * of blocks 10 to 12) with and without the cached prefix against Deeplearning4j training every weight of the same network.
 */
public final class MobileNetBenchmark {

    private static final int BATCH = 16;
    private static final int SIDE = 96;
    private static final int CLASSES = 10;
    private static final String CUT = "block_12_add";

    /** So small that hundreds of steps on one batch leave the network where it was. */
    private static final double LEARNING_RATE = 1e-6;

    private MobileNetBenchmark() {}

    /**
     * Runs both comparisons.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? 12 : Integer.parseInt(arguments[1]);
        BenchReport report = new BenchReport("mobilenet", Machine.prepare());
        report.add("MobileNetV2 forward, batch 16, 96 px", measure(forward(), rounds));
        report.add("MobileNetV2 training step, batch 16, 96 px, SGD", measure(steps(), rounds));
        report.write(Path.of(arguments[0]));
    }

    private static BenchReport.Result measure(List<Contender> contenders, int rounds) {
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, 10, rounds);
        contenders.forEach(contender -> contender.close().run());
        return new BenchReport.Result(timing, contenders.get(0).name(), others.processors(), Map.of("rounds", rounds));
    }

    private static List<Contender> forward() throws IOException {
        ComputationGraph network = MobileNetV2.open();
        int last = MobileNetV2.layerIndex(network, "out_relu");
        INDArray input = MobileNetV2.input(BATCH, SIDE);
        PrefixProgram program = PrefixProgram.compile(network, List.of("out_relu"));
        return List.of(
                contender("amend4j compiled", () -> program.run(input)),
                contender("DL4J feedForward", () -> network.feedForward(new INDArray[] {input}, last, false)));
    }

    private static List<Contender> steps() throws IOException {
        DataSet pictures = new DataSet(MobileNetV2.input(BATCH, SIDE), labels());
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(classifier()),
                LoraConfig.of(8, 16).withTargets(targets()).withTrainedInFull("head"),
                training());
        PrefixProgram prefix = adapted.prefix().orElseThrow();
        DataSet cached = new DataSet(prefix.run(pictures.getFeatures())[0], pictures.getLabels());
        ComputationGraph full = classifier();
        return List.of(
                contender("amend4j LoRA, prefix cached", () -> adapted.tail().fit(cached)),
                contender(
                        "amend4j LoRA, prefix compiled",
                        () -> adapted.tail()
                                .fit(new DataSet(prefix.run(pictures.getFeatures())[0], pictures.getLabels()))),
                contender("amend4j LoRA, plain fit", () -> adapted.graph().fit(pictures)),
                contender("DL4J full", () -> full.fit(pictures)));
    }

    private static Contender contender(String name, Runnable step) {
        return new Contender(name, step, () -> {});
    }

    private static String[] targets() {
        List<String> names = new ArrayList<>();
        for (int block = 10; block <= 12; block++) {
            names.add("block_" + block + "_expand");
            names.add("block_" + block + "_project");
        }
        return names.toArray(new String[0]);
    }

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder()
                .updater(new Sgd(LEARNING_RATE))
                .seed(1)
                .build();
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(BATCH, CLASSES);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return labels;
    }

    /** The shipped backbone, cut, with pooling and a new head. */
    private static ComputationGraph classifier() throws IOException {
        ComputationGraph backbone = MobileNetV2.open();
        TransferLearning.GraphBuilder builder =
                new TransferLearning.GraphBuilder(backbone).fineTuneConfiguration(training());
        List<String> order = backbone.getConfiguration().getTopologicalOrderStr();
        for (int i = order.size() - 1; !order.get(i).equals(CUT); i--) {
            builder.removeVertexAndConnections(order.get(i));
        }
        return builder.setInputTypes(InputType.convolutional(SIDE, SIDE, 3, CNN2DFormat.NHWC))
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), CUT)
                .addLayer(
                        "head",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(96)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("head")
                .build();
    }
}
