/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.app.data.Labelled;
import org.amend4j.cuda.device.Device;
import org.amend4j.graph.Records;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.network.Network;
import org.amend4j.network.NetworkReader;
import org.amend4j.plan.Arithmetic;
import org.amend4j.plan.PlanSession;
import org.amend4j.plan.Variant;
import org.amend4j.planned.PlacedRecords;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The outputs of a graph on a device, for examples sent there batch by batch. */
final class DevicePredictions implements AutoCloseable {

    private final Device device;
    private final Labelled examples;
    private final Network network;
    private final PlanSession session;

    /**
     * Puts a graph on a device.
     *
     * @param batch the most examples at a time
     * @throws IllegalArgumentException naming the vertex that the device cannot take
     */
    DevicePredictions(Device device, ComputationGraph graph, Labelled examples, int batch, ProductPrecision precision) {
        this.device = device;
        this.examples = examples;
        this.network = NetworkReader.inference(graph, PlacedRecords.exampleShapes(records(0)));
        this.session = PlanSession.open(device, network, Arithmetic.single(precision), batch);
    }

    private Records records(int... chosen) {
        return Records.of(examples.batch(chosen));
    }

    /** The outputs of some examples, one after the other. */
    float[] of(int... chosen) {
        try (PlacedRecords batch =
                new PlacedRecords(device, ElementType.FLOAT, records(chosen), network, chosen.length)) {
            int[] all = IntStream.range(0, chosen.length).toArray();
            session.run(Variant.OUTPUT, batch.batch(all, 0, all.length, Optional.empty(), Optional.empty()));
            return device.downloadFloats(session.outputs(0, chosen.length).get(0));
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
