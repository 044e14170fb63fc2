/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.integration.AmendLora;
import org.amend4j.integration.DenseNetworks;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.amend4j.integration.UpdateRule;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Memory and time of adapting a dense model of 100 million parameters (six layers 4096→4096): what attaching takes, and
 * what training with Adam needs beyond the base. Needs Linux, and a heap of fixed size with every page touched.
 */
public final class MemoryBenchmark {

    private static final int SEED = 42;
    private static final int STEPS = 20;
    private static final double BYTES_PER_MEGABYTE = 1 << 20;
    private static final int SLACK_MEGABYTES = 64;
    private static final LoraShape SHAPE = new LoraShape(6, 4096, 10, 16, 32, 64, true);

    private MemoryBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("memory", Machine.prepare());
        LoraProblem problem = new LoraProblem(SHAPE, SEED);
        ComputationGraph network = DenseNetworks.base(problem, new Sgd(0));
        network.outputSingle(Nd4j.zeros(1, SHAPE.width()));
        long start = System.nanoTime();
        BaseModel base = BaseModel.of(network);
        double openSeconds = secondsSince(start);

        long before = settled();
        ResidentMemory.resetPeak();
        start = System.nanoTime();
        AmendLora adapted = new AmendLora(problem, base, UpdateRule.ADAM, 1e-6);
        double attachSeconds = secondsSince(start);
        long attachBytes = ResidentMemory.peak() - before;

        for (int step = 0; step < STEPS; step++) {
            adapted.step();
        }
        long trainingBytes = ResidentMemory.peak() - before;
        base.verifyUnchanged();

        double activations = (double) SHAPE.batch() * ((SHAPE.depth() + 1) * SHAPE.width() + SHAPE.classes());
        double adapters = (double) SHAPE.trainableParameters();
        double allowed = floats(activations) + 8 * floats(adapters) + SLACK_MEGABYTES;
        double used = megabytes(trainingBytes);

        row(report, "parameters of the base, millions", base.parameterCount() / 1e6, "");
        row(report, "the base", floats((double) base.parameterCount()), " MB");
        row(report, "opening the base (check, fingerprint)", openSeconds, " s");
        row(report, "attaching, adapters set and batch made included", attachSeconds, " s (target: < 2 s)");
        row(report, "peak growth while attaching", megabytes(attachBytes), " MB (a copy would be the whole base)");
        row(report, "one step's activations", floats(activations), " MB");
        row(report, "adapters and output layer", floats(adapters), " MB");
        row(report, "peak growth after " + STEPS + " steps of Adam", used, " MB");
        row(report, "allowed: activations + 8 × adapters + 64 MB", allowed, " MB");
        report.note("");
        report.note(attachSeconds < 2 && used <= allowed ? "Both targets are met." : "**A target is missed.**");
        report.write(Path.of(arguments[0]));
        adapted.close();
    }

    /** Resident bytes once garbage from building the base is gone. */
    private static long settled() throws IOException {
        System.gc();
        Nd4j.getMemoryManager().purgeCaches();
        return ResidentMemory.now();
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double megabytes(long bytes) {
        return bytes / BYTES_PER_MEGABYTE;
    }

    private static double floats(double count) {
        return count * Float.BYTES / BYTES_PER_MEGABYTE;
    }

    private static void row(BenchReport report, String what, double value, String unit) {
        report.note(String.format(Locale.ROOT, "- %s: %.2f%s", what, value, unit));
        report.keep(what, value);
    }
}
