/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.integration.AmendMobileNet;
import org.amend4j.integration.MobileNetProblem;
import org.amend4j.integration.MobileNetV2;
import org.amend4j.integration.TorchMobileNet;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * MobileNetV2 at 96 pixels, batch 16: the frozen forward pass up to {@code out_relu} against Deeplearning4j's own, and a
 * training step (the backbone up to {@code block_12_add}, pooling, a new head; adapters of rank 8 on the 1×1 convolutions
 * of blocks 10 to 12) with and without the cached prefix against the same step in libtorch through DJL, and against
 * Deeplearning4j training every weight of the same network.
 */
public final class MobileNetBenchmark {

    private static final int BATCH = 16;
    private static final int SIDE = 96;
    private static final int SEED = 1;

    private static final String PLAN = "amend4j LoRA, one plan";
    private static final String CACHED = "amend4j LoRA, prefix cached";
    private static final String FROM_PICTURES = "amend4j LoRA, prefix each step";
    private static final String PLAIN = "amend4j LoRA, plain fit";
    private static final String TORCH_CACHED = "libtorch LoRA, prefix cached";
    private static final String TORCH = "libtorch LoRA, from pictures";
    private static final String FULL = "DL4J full";

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
        BenchReport.Result steps = measure(steps(), rounds);
        report.add("MobileNetV2 training step, batch 16, 96 px, SGD", steps);
        compare(report, steps.timing());
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
        HostPrefix prefix = HostPrefix.of(network, List.of("out_relu"));
        return List.of(
                contender("amend4j plan", () -> prefix.run(input)),
                contender("DL4J feedForward", () -> network.feedForward(new INDArray[] {input}, last, false)));
    }

    private static List<Contender> steps() throws IOException {
        MobileNetProblem problem = new MobileNetProblem(BATCH, SIDE, SEED);
        AmendMobileNet ours = new AmendMobileNet(problem, LEARNING_RATE);
        TorchMobileNet torch = new TorchMobileNet(problem, LEARNING_RATE);
        ComputationGraph full = problem.base(new Sgd(LEARNING_RATE));
        DataSet pictures = problem.pictures();
        return List.of(
                new Contender(CACHED, ours::stepFromFeatures, ours::close),
                contender(FROM_PICTURES, ours::stepThroughPrefix),
                PlanContender.of(PLAN, ours.model().graph(), Records.of(pictures), Arithmetic.SINGLE),
                contender(PLAIN, ours::step),
                new Contender(TORCH_CACHED, torch::stepFromFeatures, torch::close),
                contender(TORCH, torch::step),
                contender(FULL, () -> full.fit(pictures)));
    }

    /** Every way of ours against libtorch's from the same input, which one subject's column does not show. */
    private static void compare(BenchReport report, PairedTiming timing) {
        Map<String, Double> ratios = new LinkedHashMap<>();
        ratio(ratios, timing, CACHED, TORCH_CACHED);
        ratio(ratios, timing, PLAN, TORCH);
        ratio(ratios, timing, FROM_PICTURES, TORCH);
        ratio(ratios, timing, PLAIN, TORCH);
        ratio(ratios, timing, FROM_PICTURES, FULL);
        ratio(ratios, timing, PLAIN, FULL);
        report.note("");
        ratios.forEach((pair, ratio) ->
                report.note(String.format(Locale.ROOT, "- %s: %.3f (median of paired ratios)", pair, ratio)));
        report.keep("MobileNetV2 training step, ratios", ratios);
    }

    private static void ratio(Map<String, Double> ratios, PairedTiming timing, String above, String below) {
        ratios.put(above + " ÷ " + below, timing.medianRatio(above, below));
    }

    private static Contender contender(String name, Runnable step) {
        return new Contender(name, step, () -> {});
    }
}
