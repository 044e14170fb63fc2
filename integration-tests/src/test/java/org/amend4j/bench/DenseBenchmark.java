/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Records;
import org.amend4j.integration.AmendLora;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.amend4j.integration.TorchLora;
import org.amend4j.integration.UpdateRule;
import org.amend4j.internal.onednn.OneDnn;

/**
 * One training step of dense networks with adapters, side by side: amend4j by a plan and by {@code fit}, libtorch through DJL, Deeplearning4j
 * training every weight, and the large matrix products alone, by OpenBLAS and by the fastest library there is. Timed is one {@code fit} on one batch held in memory:
 * forward, loss, gradients, update. On a machine that does other work the numbers mean nothing; the report says how
 * busy others were.
 */
public final class DenseBenchmark {

    static final String PLAN = "amend4j plan";
    static final String LORA = "amend4j fit";
    static final String ROUNDED = "plan, bf16";
    static final String TORCH = "libtorch LoRA";
    static final String FULL = "DL4J full";
    static final String FLOOR = "GEMM floor";
    static final String PACKED_FLOOR = "packed floor";

    /** So small that hundreds of steps on one batch leave the network where it was: no denormals, no overflow. */
    private static final double LEARNING_RATE = 1e-6;

    private static final int SEED = 42;

    private record Run(String title, LoraShape shape, int warmUp, int rounds) {}

    private static final List<Run> RUNS = List.of(
            new Run("4 × 1024, rank 8, batch 256", new LoraShape(4, 1024, 10, 8, 16, 256, true), 100, 30),
            new Run("2 × 4096, rank 16, batch 64", new LoraShape(2, 4096, 10, 16, 32, 64, true), 40, 20));

    private DenseBenchmark() {}

    /**
     * Runs every shape with both optimisers.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("dense", Machine.prepare());
        for (Run run : RUNS) {
            int rounds = rounds(arguments, run.rounds());
            for (UpdateRule rule : UpdateRule.values()) {
                report.add(run.title() + ", " + rule, measure(run, rule, rounds));
            }
        }
        report.write(Path.of(arguments[0]));
    }

    private static int rounds(String[] arguments, int usual) {
        return arguments.length < 2 || arguments[1].equals("default") ? usual : Integer.parseInt(arguments[1]);
    }

    private static BenchReport.Result measure(Run run, UpdateRule rule, int rounds) {
        LoraProblem problem = new LoraProblem(run.shape(), SEED);
        List<Contender> contenders = contenders(problem, rule);
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, run.warmUp(), rounds);
        contenders.forEach(contender -> contender.close().run());
        return new BenchReport.Result(timing, PLAN, others.processors(), Map.of("rounds", rounds));
    }

    private static List<Contender> contenders(LoraProblem problem, UpdateRule rule) {
        AmendLora ours = new AmendLora(problem, rule, LEARNING_RATE);
        TorchLora torch = new TorchLora(problem, rule, LEARNING_RATE);
        GemmFloor floor = new GemmFloor(problem);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(PlanContender.of(PLAN, ours.graph(), Records.of(ours.batch()), Arithmetic.SINGLE));
        contenders.add(new Contender(LORA, ours::step, ours::close));
        contenders.add(new Contender(TORCH, torch::step, torch::close));
        if (OneDnn.here().filter(OneDnn::multipliesBfloat16).isPresent()) {
            Arithmetic rounded = Arithmetic.frozenIn(ProductPrecision.BF16);
            contenders.add(PlanContender.of(ROUNDED, ours.graph(), Records.of(ours.batch()), rounded));
        }
        contenders.add(FullContender.of(problem, rule, LEARNING_RATE));
        contenders.add(new Contender(FLOOR, floor::step, () -> {}));
        PackedFloor packed = new PackedFloor(problem);
        contenders.add(new Contender(PACKED_FLOOR, packed::step, packed::close));
        return contenders;
    }
}
