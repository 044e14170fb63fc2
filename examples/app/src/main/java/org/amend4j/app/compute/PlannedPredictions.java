/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.data.Labelled;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.training.PlacedRecords;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The outputs of a graph by a plan, for examples sent batch by batch. */
final class PlannedPredictions implements AutoCloseable {

    private final Machine machine;
    private final Labelled examples;
    private final Network network;
    private final PlanSession session;

    /**
     * Puts a graph on a machine.
     *
     * @param batch the most examples at a time
     * @throws IllegalArgumentException naming the vertex that a plan cannot take
     */
    PlannedPredictions(Machine machine, ComputationGraph graph, Labelled examples, int batch, Arithmetic arithmetic) {
        this.machine = machine;
        this.examples = examples;
        this.network =
                NetworkReader.inference(graph, PlacedRecords.exampleShapes(records(0)), Scope.of(machine.callsOut()));
        this.session = PlanSession.open(machine, network, arithmetic, batch);
    }

    /** What is computed, as it was read. */
    Network network() {
        return network;
    }

    private Records records(int... chosen) {
        return Records.of(examples.batch(chosen));
    }

    /** The outputs of some examples, one after the other. */
    float[] of(int... chosen) {
        try (PlacedRecords batch =
                new PlacedRecords(machine, session.arithmetic().type(), records(chosen), network, chosen.length)) {
            int[] all = IntStream.range(0, chosen.length).toArray();
            double[] outputs = session.outputs(batch.batch(all, 0, all.length, Optional.empty()))
                    .get(0);
            float[] floats = new float[outputs.length];
            for (int k = 0; k < floats.length; k++) {
                floats[k] = (float) outputs[k];
            }
            return floats;
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
