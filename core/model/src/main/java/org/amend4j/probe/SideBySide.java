/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.amend4j.internal.model.Vertices;
import org.amend4j.probe.VertexRounding.Gap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Walks through a base and a graph made from it in test mode. Each vertex of both is given the <em>base's</em> values of its
 * inputs, so that rounding does not accumulate with depth, and the vertex that differs is the one that is wrong.
 *
 * <p>Every vertex gets a copy of its own: in test mode some of Deeplearning4j's layers overwrite their input, so that later
 * readers of the same vertex see it changed; here every vertex keeps its own value, as in training mode.
 */
final class SideBySide {

    /** The base did not take the inputs. */
    static final class RejectedException extends Exception {

        private static final long serialVersionUID = 1L;

        RejectedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private static final long SEED = 0x9e3779b97f4a7c15L;

    /** Units of rounding by which inputs are moved. */
    private static final int STEP = 8;

    private final ComputationGraph base;
    private final ComputationGraph other;
    private final Map<String, INDArray> values = new LinkedHashMap<>();
    private String widest = "";
    private double difference;
    private int compared;

    private SideBySide(ComputationGraph base, ComputationGraph other) {
        this.base = base;
        this.other = other;
    }

    /**
     * Compares the graphs on some inputs. Both are left as they were, but for masks set before, which are cleared.
     *
     * @param masks one per input, null for none; or null if there is none at all
     * @param finiteOnly whether inputs on which the base computes NaN or infinity are rejected
     * @throws RejectedException if the base does not take the inputs
     * @throws DifferentGraphException if the other graph does something else
     */
    static ProbeReport.Agreed compare(
            ComputationGraph base,
            ComputationGraph other,
            INDArray[] inputs,
            @Nullable INDArray @Nullable [] masks,
            boolean finiteOnly)
            throws RejectedException {
        synchronized (base) {
            INDArray[] ofBase = base.getInputs();
            INDArray[] ofOther = other.getInputs();
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                return new SideBySide(base, other).walk(inputs, masks, finiteOnly);
            } finally {
                leave(base, ofBase);
                leave(other, ofOther);
            }
        }
    }

    /** Not by the graph's own {@code clear()}, after which labels cannot be set any more. */
    private static void leave(ComputationGraph graph, INDArray[] inputs) {
        graph.clearLayerMaskArrays();
        for (GraphVertex vertex : graph.getVertices()) {
            vertex.clear();
        }
        graph.setInputs(inputs);
    }

    private ProbeReport.Agreed walk(INDArray[] inputs, @Nullable INDArray @Nullable [] masks, boolean finiteOnly)
            throws RejectedException {
        enter(inputs, masks);
        for (int index : base.topologicalSortOrder()) {
            GraphVertex vertex = base.getVertices()[index];
            if (!vertex.isInputVertex()) {
                String name = vertex.getVertexName();
                INDArray expected = expected(vertex);
                compare(vertex, expected, finiteOnly);
                values.put(name, expected);
            }
        }
        return new ProbeReport.Agreed(described(inputs), compared, widest, difference);
    }

    private List<String> described(INDArray[] inputs) {
        List<String> names = base.getConfiguration().getNetworkInputs();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            all.add(names.get(i) + " " + Arrays.toString(inputs[i].shape()));
        }
        return all;
    }

    private void enter(INDArray[] inputs, @Nullable INDArray @Nullable [] masks) throws RejectedException {
        List<String> names = base.getConfiguration().getNetworkInputs();
        if (names.size() != inputs.length) {
            throw new RejectedException(
                    "it has " + names.size() + " inputs " + names + " and was given " + inputs.length, null);
        }
        try {
            for (ComputationGraph graph : List.of(base, other)) {
                graph.setInputs(inputs);
                if (masks != null) {
                    graph.setLayerMaskArrays(masks, null);
                }
            }
        } catch (RuntimeException unfit) {
            throw new RejectedException("it does not take the masks: " + unfit.getMessage(), unfit);
        }
        for (int i = 0; i < inputs.length; i++) {
            values.put(names.get(i), inputs[i]);
        }
    }

    private INDArray expected(GraphVertex vertex) throws RejectedException {
        try {
            return Vertices.forward(vertex, inputs(base, vertex.getVertexName()));
        } catch (RuntimeException unfit) {
            throw new RejectedException("vertex '" + vertex.getVertexName() + "' fails: " + unfit.getMessage(), unfit);
        }
    }

    /** Copies of the base's values, in the order in which the graph's vertex reads them. */
    private INDArray[] inputs(ComputationGraph graph, String vertex) {
        List<String> names = Objects.requireNonNull(
                graph.getConfiguration().getVertexInputs().get(vertex), vertex);
        return names.stream()
                .map(name -> Objects.requireNonNull(values.get(name), name).dup())
                .toArray(INDArray[]::new);
    }

    private void compare(GraphVertex vertex, INDArray expected, boolean finiteOnly) throws RejectedException {
        String name = vertex.getVertexName();
        INDArray actual;
        try {
            actual = Vertices.forward(other.getVertex(name), inputs(other, name));
        } catch (RuntimeException fails) {
            throw new DifferentGraphException(
                    name, different(vertex) + " fails where the base's does not: " + fails.getMessage(), fails);
        }
        if (!Arrays.equals(expected.shape(), actual.shape())) {
            throw new DifferentGraphException(
                    name,
                    different(vertex) + " gives " + Arrays.toString(actual.shape()) + " where the base's gives "
                            + Arrays.toString(expected.shape()),
                    null);
        }
        Gap gap = VertexRounding.between(expected, actual);
        if (finiteOnly && !gap.finite()) {
            throw new RejectedException("vertex '" + name + "' gives NaN or infinity", null);
        }
        double allowed = VertexRounding.allowed(expected.dataType(), gap.magnitude());
        if (gap.difference() > allowed && gap.difference() > amplified(vertex, expected)) {
            throw new DifferentGraphException(name, sentence(vertex, expected, gap, allowed), null);
        }
        note(name, gap);
    }

    private void note(String name, Gap gap) {
        compared++;
        double part = gap.magnitude() == 0 ? gap.difference() : gap.difference() / gap.magnitude();
        if (part > difference || widest.isEmpty()) {
            difference = part;
            widest = name;
        }
    }

    /** What the base's own vertex makes of inputs that differ in a few units of rounding: where it amplifies, so may we. */
    private double amplified(GraphVertex vertex, INDArray expected) {
        INDArray[] inputs = inputs(base, vertex.getVertexName());
        Random random = new Random(SEED);
        for (INDArray input : inputs) {
            if (input.dataType().isFPType()) {
                perturb(input, random);
            }
        }
        double moved = VertexRounding.between(expected, Vertices.forward(vertex, inputs))
                .difference();
        return VertexRounding.AMPLIFIED
                * Math.max(moved, STEP * VertexRounding.unit(expected.dataType()) * largestParameter(vertex));
    }

    /** A batch norm of zeros cancels its own constants. */
    private static double largestParameter(GraphVertex vertex) {
        Map<String, INDArray> parameters = vertex.paramTable(false);
        return parameters == null
                ? 0
                : parameters.values().stream()
                        .mapToDouble(values -> values.amaxNumber().doubleValue())
                        .max()
                        .orElse(0);
    }

    private static void perturb(INDArray input, Random random) {
        double[] factors = new double[Math.toIntExact(input.length())];
        double step = STEP * VertexRounding.unit(input.dataType());
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextBoolean() ? 1 + step : 1 - step;
        }
        input.muli(Nd4j.createFromArray(factors).castTo(input.dataType()).reshape(input.shape()));
    }

    private String different(GraphVertex vertex) {
        String name = vertex.getVertexName();
        return "the adapted graph does not compute what the base computes: vertex '" + name + "' (" + kind(vertex)
                + ")";
    }

    private static String kind(GraphVertex vertex) {
        return vertex.hasLayer()
                ? vertex.getLayer().conf().getLayer().getClass().getSimpleName()
                : vertex.getClass().getSimpleName();
    }

    private String sentence(GraphVertex vertex, INDArray expected, Gap gap, double allowed) {
        return String.format(
                Locale.ROOT,
                "%s gives %s at %s where the base's gives %s from the same inputs, rounding allows %.1e",
                different(vertex),
                (float) gap.actual(),
                VertexRounding.place(expected.shape(), gap.index()),
                (float) gap.expected(),
                allowed);
    }
}
