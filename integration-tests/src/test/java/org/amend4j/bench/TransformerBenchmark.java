/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.amend4j.bench.PairedTiming.Turn;
import org.amend4j.integration.Agreement;
import org.amend4j.integration.AmendEncoder;
import org.amend4j.integration.EncoderProblem;
import org.amend4j.integration.TorchEncoder;

/**
 * Transformers: forward passes and LoRA steps of an encoder of MiniLM's shape and attention alone, against libtorch and the floor of products;
 * tokens of decoders, against the floor of reading their weights. What is timed side by side is first compared.
 */
public final class TransformerBenchmark {

    private static final String OURS = "amend4j";
    private static final String LIBTORCH = "libtorch, eager (DJL)";
    private static final String PRODUCTS = "products with frozen weights (OpenBLAS)";
    private static final String READING = "reading the weights once";

    /** Relative to the norms. */
    private static final double AGREEMENT = 1e-4;

    /** So small that hundreds of steps on one batch leave the network where it was. */
    private static final double LEARNING_RATE = 1e-6;

    private static final int ROUNDS = 11;
    /** Steps until Java's compiler has seen all of one: its threads have no processors of their own. */
    private static final int WARM_UP = 12;

    /** Texts and their lengths. */
    private static final int[][] BATCHES = {{16, 64}, {32, 128}};

    private static final int[] LENGTHS = {512, 2048};

    private final BenchReport report;
    private final int rounds;

    private TransformerBenchmark(BenchReport report, int rounds) {
        this.report = report;
        this.rounds = rounds;
    }

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}, and which parts of
     *     {@code encoder attention generation}, all without
     */
    public static void main(String[] arguments) throws IOException {
        List<String> all = List.of(arguments);
        boolean usual = all.size() < 2 || all.get(1).equals("default");
        Set<String> parts =
                Set.copyOf(all.size() < 3 ? List.of("encoder", "attention", "generation") : all.subList(2, all.size()));
        BenchReport report = new BenchReport("transformer", Machine.prepare());
        TransformerBenchmark benchmark =
                new TransformerBenchmark(report, usual ? ROUNDS : Integer.parseInt(all.get(1)));
        if (parts.contains("generation")) {
            benchmark.generation();
        }
        if (parts.contains("attention")) {
            benchmark.attention();
        }
        if (parts.contains("encoder")) {
            benchmark.encoder();
        }
        report.write(Path.of(all.get(0)));
    }

    private PairedTiming run(String title, Turn turn, int warmUp, List<Contender> contenders) {
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, warmUp, rounds, turn);
        contenders.forEach(contender -> contender.close().run());
        report.add(title, new BenchReport.Result(timing, OURS, others.processors(), Map.of("rounds", rounds)));
        return timing;
    }

    private void note(String pattern, Object... values) {
        report.note("");
        report.note(String.format(Locale.ROOT, pattern, values));
    }

    private void encoder() throws IOException {
        for (int[] batch : BATCHES) {
            EncoderProblem problem = EncoderProblem.miniLm(batch[0], batch[1]);
            Path folder = Files.createTempDirectory("amend4j-encoder");
            problem.save(folder);
            try (AmendEncoder ours = new AmendEncoder(problem, folder, LEARNING_RATE);
                    TorchEncoder theirs = new TorchEncoder(problem, folder, ours.parameters(), LEARNING_RATE)) {
                compare(ours, theirs);
                encoder(batch[0] + " x " + batch[1] + " tokens", ours, theirs, new EncoderFloor(problem));
            } finally {
                try (var files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(folder);
            }
        }
    }

    private static void compare(AmendEncoder ours, TorchEncoder theirs) {
        Agreement.assertClose("output", theirs.output(), ours.output(), AGREEMENT);
        float[] loss = {(float) theirs.loss()};
        Agreement.assertClose("loss", loss, new float[] {(float) ours.loss()}, AGREEMENT);
        Agreement.assertClose(theirs.gradients(), ours.gradients(), AGREEMENT);
    }

    private void encoder(String batch, AmendEncoder ours, TorchEncoder theirs, EncoderFloor floor) {
        run(
                "MiniLM's shape, LoRA r 8 on 36 linear layers, one step, " + batch,
                Turn.SHORT,
                WARM_UP,
                List.of(
                        new Contender(OURS, ours::step, () -> {}),
                        new Contender(LIBTORCH, theirs::step, () -> {}),
                        new Contender(PRODUCTS, floor::step, () -> {})));
        note("Aims: 0.8 of libtorch, 1.5 of the products; 350 ms for 16 x 64.");
        run(
                "MiniLM's shape with the same adapters, forward, " + batch,
                Turn.SHORT,
                WARM_UP,
                List.of(
                        new Contender(OURS, ours::forward, () -> {}),
                        new Contender(LIBTORCH, theirs::loss, () -> {}),
                        new Contender(PRODUCTS, floor::forward, () -> {})));
        note("Aim: 0.9 of libtorch.");
    }

    private void attention() throws IOException {
        for (int length : LENGTHS) {
            RowAttentionProblem problem = new RowAttentionProblem(length);
            try (RowAttentionProblem.Peer ours = problem.ours();
                    RowAttentionProblem.Peer theirs = problem.libtorch()) {
                note(
                        "Attention of %d rows, memory beside inputs and results: %.1f MB here, %.1f MB in libtorch.",
                        length, megabytes(ours), megabytes(theirs));
                Agreement.assertClose(theirs.gradients(), ours.gradients(), AGREEMENT);
                run(
                        "attention forward and back, 12 heads of 32, T = " + length,
                        Turn.USUAL,
                        10,
                        List.of(
                                new Contender(OURS, ours::pass, () -> {}),
                                new Contender(LIBTORCH, theirs::pass, () -> {})));
                note("Aim: 0.7 of libtorch.");
            }
        }
    }

    /** By how much this process grows while a pass is made for the first time. */
    private static double megabytes(RowAttentionProblem.Peer peer) throws IOException {
        System.gc();
        ResidentMemory.resetPeak();
        long before = ResidentMemory.now();
        peer.pass();
        return (ResidentMemory.peak() - before) / 1e6;
    }

    private void generation() throws IOException {
        generation("width 128, 4 layers", new DecoderProblem(2048, 128, 344, 4, 4), 4096);
        generation("width 768, 9 layers", new DecoderProblem(16_384, 768, 2048, 9, 12), 256);
    }

    private void generation(String name, DecoderProblem problem, int warmUp) throws IOException {
        String size = String.format(Locale.ROOT, "%.1f million weights", problem.weights() / 1e6);
        // a text of the longest length, so that every turn meets every length
        PairedTiming timing = run(
                "one token, " + name + ", " + size,
                new Turn(16, 128),
                warmUp,
                List.of(problem.generation(OURS), problem.floor(READING)));
        note(
                "%.0f tokens/s; reading at %.1f GB/s; %.0f %% of the floor (aim: 60 %%).",
                1e3 / timing.median(OURS),
                problem.weights() * 4e-6 / timing.median(READING),
                100 / timing.medianRatio(OURS, READING));
    }
}
