/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.backend.ElementType;
import org.amend4j.integration.Libtorch;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.RowAttentionKernels.Attended;
import org.amend4j.internal.backend.RowAttentionKernels.Projections;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.cpu.HostMachine;

/** Attention of one text in both directions, forward and back, from rows [length, heads · size] to rows. */
final class RowAttentionProblem {

    private static final int HEADS = 12;
    private static final int SIZE = 32;
    private static final Rule RULE = new Rule(HEADS, HEADS, SIZE, false, OptionalInt.empty());

    private final int length;
    private final Map<String, float[]> inputs = new TreeMap<>();

    RowAttentionProblem(int length) {
        this.length = length;
        Random random = new Random(length);
        for (String name : List.of("q", "k", "v", "d")) {
            float[] values = new float[length * RULE.queryWidth()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            inputs.put(name, values);
        }
    }

    private float[] input(String name) {
        return inputs.getOrDefault(name, new float[0]);
    }

    /** Both passes, and what they leave. */
    interface Peer extends AutoCloseable {

        void pass();

        /** The gradients after a pass, gapless. */
        Map<String, float[]> gradients();

        @Override
        void close();
    }

    Peer ours() {
        return new Ours();
    }

    Peer libtorch() {
        return new Eager();
    }

    private final class Ours implements Peer {

        private final Owned owned = new Owned();
        private final HostMachine machine = owned.add(HostMachine.open());
        private final Projections of = new Projections(view("q"), view("k"), view("v"));
        private final Attended attended = new Attended(empty("out"), numbers("sums of scores"));
        private final MatrixView dOut = view("d");
        private final MachineArray scratch = numbers("scratch");
        private final Projections to = new Projections(empty("dq"), empty("dk"), empty("dv"));
        private final MachineArray starts = owned.add(machine.allocate("starts", ElementType.INT, 2));

        Ours() {
            machine.upload(new int[] {0, length}, starts);
            // touched, so that the first pass grows by what it needs itself
            List.of(attended.logSums(), scratch).forEach(array -> machine.fill(array, 0));
            List.of(attended.out(), to.queries(), to.keys(), to.values())
                    .forEach(view -> machine.fill(view.array(), 0));
        }

        private MachineArray numbers(String name) {
            return owned.add(machine.allocate(name, ElementType.FLOAT, (long) length * HEADS));
        }

        private MatrixView view(String name) {
            return MatrixView.of(owned.add(machine.allocate(name, input(name))), length, RULE.queryWidth());
        }

        private MatrixView empty(String name) {
            long count = (long) length * RULE.queryWidth();
            MachineArray array = owned.add(machine.allocate(name, ElementType.FLOAT, count));
            return MatrixView.of(array, length, RULE.queryWidth());
        }

        @Override
        public void pass() {
            machine.kernels().rowAttention().forward(of, starts, RULE, attended);
            machine.kernels().rowAttention().gradient(of, starts, RULE, attended, dOut, scratch, to);
        }

        @Override
        public Map<String, float[]> gradients() {
            return Map.of("q", read(to.queries()), "k", read(to.keys()), "v", read(to.values()));
        }

        private float[] read(MatrixView view) {
            double[] numbers = machine.downloadDoubles(view.array());
            float[] rounded = new float[numbers.length];
            for (int i = 0; i < rounded.length; i++) {
                rounded[i] = (float) numbers[i];
            }
            return rounded;
        }

        @Override
        public void close() {
            owned.close();
        }
    }

    /** Softmax of formed scores, and autograd. */
    private final class Eager implements Peer {

        private final NDManager manager = Libtorch.newManager();
        private final NDArray q = trained("q");
        private final NDArray k = trained("k");
        private final NDArray v = trained("v");
        private final NDArray d = array("d");
        private final NDArray scale =
                manager.create(new float[] {(float) RULE.scale()}).duplicate();

        private NDArray array(String name) {
            try (NDArray view = manager.create(input(name), new Shape(length, RULE.queryWidth()))) {
                return view.duplicate();
            }
        }

        private NDArray trained(String name) {
            NDArray array = array(name);
            array.setRequiresGradient(true);
            return array;
        }

        @Override
        public void pass() {
            List.of(q, k, v).forEach(array -> {
                try (NDArray gradient = array.getGradient()) {
                    gradient.subi(gradient);
                }
            });
            try (NDManager scope = manager.newSubManager();
                    GradientCollector collector = manager.getEngine().newGradientCollector()) {
                scope.tempAttachAll(q, k, v, d, scale);
                collector.backward(attended().mul(d).sum());
            }
        }

        /** Scores and weights are freed as soon as autograd lets them. */
        private NDArray attended() {
            try (NDArray scores = heads(q.mul(scale)).matMul(heads(k).transpose(0, 2, 1));
                    NDArray weights = scores.softmax(2)) {
                return weights.matMul(heads(v)).transpose(1, 0, 2).reshape(length, RULE.queryWidth());
            }
        }

        private NDArray heads(NDArray rows) {
            return rows.reshape(length, HEADS, SIZE).transpose(1, 0, 2);
        }

        @Override
        public Map<String, float[]> gradients() {
            return Map.of("q", read(q), "k", read(k), "v", read(v));
        }

        private float[] read(NDArray array) {
            try (NDArray gradient = array.getGradient()) {
                return gradient.toFloatArray();
            }
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
