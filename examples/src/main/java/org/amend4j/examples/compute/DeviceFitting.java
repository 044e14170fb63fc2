package org.amend4j.examples.compute;

import java.util.Arrays;
import org.amend4j.cuda.training.DeviceTraining;
import org.amend4j.examples.data.Batches;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Training on a device that keeps the examples, in the order of {@link Batches#shuffled}. */
final class DeviceFitting implements Fitting {

    private final DeviceTraining training;
    private final ComputationGraph graph;
    private final int examples;
    private final int batch;
    private final long seed;
    private long epoch;
    private int[] order;
    private int next;

    DeviceFitting(DeviceTraining training, ComputationGraph graph, int examples, int batch, long seed) {
        this.training = training;
        this.graph = graph;
        this.examples = examples;
        this.batch = batch;
        this.seed = seed;
        this.order = Batches.order(examples, seed, 0);
    }

    @Override
    public boolean hasNext() {
        return next < order.length;
    }

    @Override
    public double step() {
        int end = Math.min(order.length, next + batch);
        training.step(Arrays.copyOfRange(order, next, end));
        next = end;
        return training.loss();
    }

    @Override
    public void reset() {
        training.copyInto(graph);
        epoch++;
        order = Batches.order(examples, seed, epoch);
        next = 0;
    }

    @Override
    public void close() {
        training.close();
    }
}
