/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.integration.AmendObjective;
import org.amend4j.integration.LoraProblem;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Plans on the host. */
final class PlanContender {

    private PlanContender() {}

    /** Steps of a graph's training, on one batch. */
    static Contender of(String name, ComputationGraph graph, Records batch, Arithmetic arithmetic) {
        Owned owned = new Owned();
        HostMachine machine = owned.add(HostMachine.open());
        PlannedTraining training = owned.add(PlannedTraining.of(machine, graph, batch, batch.size(), arithmetic));
        training.begin(IntStream.range(0, batch.size()).toArray());
        return new Contender(
                name,
                () -> {
                    training.beginAgain();
                    training.next();
                },
                owned::close);
    }

    /** Evaluations of a full-batch gradient by a plan on the host. */
    static Contender objective(String name, LoraProblem problem, boolean everyWeight) {
        Owned owned = new Owned();
        HostMachine machine = owned.add(HostMachine.open());
        PlannedObjective objective = owned.add(AmendObjective.byPlan(machine, problem, everyWeight));
        return new Contender(name, AmendObjective.plain(objective)::evaluate, owned::close);
    }
}
