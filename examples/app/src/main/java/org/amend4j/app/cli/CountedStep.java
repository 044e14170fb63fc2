/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.cost.Call;
import org.amend4j.internal.cuda.cost.CountingDevice;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.network.Shape;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.training.PlannedTraining;
import org.amend4j.training.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What a device is asked for in a step of training, once everything is compiled and recorded. */
final class CountedStep {

    /** Of the zeros that stand for records. */
    private static final long PART_NUMBERS = 1 << 20;

    private CountedStep() {}

    /** @param example its shape */
    static List<Call> calls(ComputationGraph graph, long[] example, int batch, Arithmetic arithmetic) {
        Network network = NetworkReader.training(
                ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER).graph(), List.of(example), Scope.KNOWN);
        try (CountingDevice device = new CountingDevice();
                PlannedTraining training =
                        PlannedTraining.of(device, graph, zeros(network, example, 2 * batch), batch, arithmetic)) {
            training.begin(IntStream.range(0, 2 * batch).toArray());
            training.next();
            device.forget();
            training.next();
            return device.calls();
        }
    }

    /** Records of zeros, never all there. */
    private static RecordParts zeros(Network network, long[] example, int count) {
        long numbers = LongStream.of(example).reduce(1, Math::multiplyExact);
        int most = (int) Math.max(1, Math.min(count, PART_NUMBERS / numbers));
        return new RecordParts() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public List<long[]> exampleShapes() {
                return List.of(example);
            }

            @Override
            public Iterable<Records> parts() {
                List<Records> parts =
                        new ArrayList<>(Collections.nCopies(count / most, records(network, example, most)));
                if (count % most > 0) {
                    parts.add(records(network, example, count % most));
                }
                return parts;
            }
        };
    }

    private static Records records(Network network, long[] example, int count) {
        INDArray[] labels = IntStream.range(0, network.losses().size())
                .mapToObj(network::output)
                .map(output -> Nd4j.zeros(shape(count, output.shape(), output.channelsFirst())))
                .toArray(INDArray[]::new);
        long[] features =
                LongStream.concat(LongStream.of(count), LongStream.of(example)).toArray();
        return Records.of(new MultiDataSet(new INDArray[] {Nd4j.zeros(features)}, labels));
    }

    private static long[] shape(int count, Shape shape, boolean channelsFirst) {
        if (shape.pixels() == 1) {
            return new long[] {count, shape.channels()};
        }
        return channelsFirst
                ? new long[] {count, shape.channels(), shape.height(), shape.width()}
                : new long[] {count, shape.height(), shape.width(), shape.channels()};
    }
}
