/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.bench.PairedTiming.Turn;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.objective.Objective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Gradients of all records, each clipped: by a plan, by the graph's layers, and by Opacus' ghost clipping in a process of its own. */
public final class ClippingBenchmark {

    private static final String PLAN = "amend4j plan, clipped";
    private static final String UNCLIPPED = "amend4j plan, unclipped";
    private static final String GRAPH = "GraphObjective, clipped";
    private static final String OPACUS = "Opacus, ghost clipping";

    private static final double BOUND = 0.1;
    private static final int ROUNDS = 11;

    private ClippingBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}, and a Python with Opacus
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("clipping", Machine.prepare());
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? ROUNDS : Integer.parseInt(arguments[1]);
        String python = arguments.length < 3 ? "python3" : arguments[2];
        for (ClippingProblem problem :
                List.of(ClippingProblem.words(), ClippingProblem.sequences(), ClippingProblem.pictures())) {
            Optional<PythonPeer> peer = PythonPeer.start(command(python, problem));
            report.note(peer.map(PythonPeer::version).orElse("no Python with Opacus here"));
            List<Contender> contenders = new ArrayList<>(ours(problem));
            peer.ifPresent(opacus -> contenders.add(new Contender(OPACUS, () -> opacus.steps(1), opacus::close)));
            OtherLoad others = new OtherLoad();
            PairedTiming timing = PairedTiming.measure(contenders, 1, rounds, Turn.SHORT);
            report.add(
                    problem.name(),
                    new BenchReport.Result(timing, PLAN, others.processors(), Map.of("rounds", rounds)));
            contenders.forEach(contender -> contender.close().run());
        }
        report.write(Path.of(arguments[0]));
    }

    private static String[] command(String python, ClippingProblem problem) throws IOException {
        try (InputStream program =
                Objects.requireNonNull(ClippingBenchmark.class.getResourceAsStream("clipped_gradient.py"))) {
            String text = new String(program.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.concat(Stream.of(python, "-c", text), problem.arguments().stream())
                    .toArray(String[]::new);
        }
    }

    private static List<Contender> ours(ClippingProblem problem) {
        Owned owned = new Owned();
        HostMachine machine = owned.add(HostMachine.open());
        ComputationGraph graph = problem.graph();
        Records records = problem.records();
        PlannedObjective plan = owned.add(PlannedObjective.of(machine, graph, records, PlanSettings.DEFAULT));
        Clipping clipping = Clipping.perRecord(BOUND);
        double[] theta = plan.parameters();
        Objective byGraph = GraphObjective.of(graph, records).clipped(clipping);
        return List.of(
                new Contender(PLAN, evaluation(plan.clipped(clipping), theta), owned::close),
                new Contender(UNCLIPPED, evaluation(plan, theta), () -> {}),
                new Contender(GRAPH, evaluation(byGraph, theta), () -> {}));
    }

    private static Runnable evaluation(Objective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        return () -> {
            double value = objective.valueAndGradient(theta, gradient);
            if (!Double.isFinite(value)) {
                throw new ArithmeticException("a benchmark must measure finite numbers, got loss " + value);
            }
        };
    }
}
