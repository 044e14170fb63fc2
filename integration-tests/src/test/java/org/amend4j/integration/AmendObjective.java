/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.learning.config.Sgd;

/** The full-batch gradient of a {@link LoraProblem} whose batch is all there is. */
public final class AmendObjective {

    private final Objective objective;
    private final double[] theta;
    private final double[] gradient;

    private AmendObjective(Objective objective, double[] theta) {
        this.objective = objective;
        this.theta = theta;
        this.gradient = new double[theta.length];
    }

    /** Only adapters and output layer are parameters. */
    public static GraphObjective ofAdapters(LoraProblem problem) {
        ComputationGraph graph =
                new AmendLora(problem, UpdateRule.SGD, 0).model().graph();
        return GraphObjective.of(graph, Records.of(DenseNetworks.batch(problem)));
    }

    /** Every weight is a parameter. */
    public static GraphObjective ofEveryWeight(LoraProblem problem) {
        return GraphObjective.of(DenseNetworks.base(problem, new Sgd(0)), Records.of(DenseNetworks.batch(problem)));
    }

    /** The plain gradient at the parameters the graph came with. */
    public static AmendObjective plain(GraphObjective objective) {
        return new AmendObjective(objective, objective.parameters());
    }

    /** The same function by a plan, on the host. */
    public static PlannedObjective byPlan(HostMachine machine, LoraProblem problem, boolean everyWeight) {
        ComputationGraph graph = everyWeight
                ? DenseNetworks.base(problem, new Sgd(0))
                : new AmendLora(problem, UpdateRule.SGD, 0).graph();
        return PlannedObjective.of(machine, graph, Records.of(DenseNetworks.batch(problem)), PlanSettings.DEFAULT);
    }

    /** The plain gradient at the parameters the graph came with. */
    public static AmendObjective plain(PlannedObjective objective) {
        return new AmendObjective(objective, objective.parameters());
    }

    /** The gradient with every record's clipped to the norm of the first one's. */
    public static AmendObjective clipped(GraphObjective objective) {
        double[] theta = objective.parameters();
        return new AmendObjective(objective.clipped(Clipping.perRecord(normOfFirst(objective, theta))), theta);
    }

    private static double normOfFirst(GraphObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.restrictedTo(RecordIds.of(0)).valueAndGradient(theta, gradient);
        double sum = 0;
        for (double g : gradient) {
            sum += g * g;
        }
        return Math.sqrt(sum);
    }

    /** Value and gradient over all records, once. */
    public void evaluate() {
        double value = objective.valueAndGradient(theta, gradient);
        if (!Double.isFinite(value)) {
            throw new ArithmeticException("a benchmark must measure finite numbers, got loss " + value);
        }
    }

    /** What {@link #evaluate} left, in the graph's order of parameters. */
    public double[] gradient() {
        return gradient.clone();
    }
}
