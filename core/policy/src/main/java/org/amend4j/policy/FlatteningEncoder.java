/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;

/**
 * Several encoders side by side, each with its own numbers of the observation: what Gymnasium's FlattenObservation does, for
 * {@link Space.MultiDiscrete} (an encoder for each index) and {@link Space.Dict} (for each part, in the order of its
 * coordinates; the parts of parts are parts). The encoders' statistics are concatenated in {@link #statistics}.
 */
public final class FlatteningEncoder implements ObservationEncoder {

    private final List<ObservationEncoder> parts;

    /**
     * @param parts in the order of the observation's numbers, at least one; not shared if they learn
     */
    public FlatteningEncoder(List<ObservationEncoder> parts) {
        this.parts = List.copyOf(parts);
        Checks.atLeast(1, "number of parts", this.parts.size());
    }

    static ObservationEncoder of(Space space, boolean normalise) {
        List<ObservationEncoder> parts = leaves(space).stream()
                .map(leaf -> leaf instanceof Space.Discrete discrete
                        ? new OneHot(discrete.count())
                        : normalise ? new NormalisingEncoder(leaf.size()) : new AsIs(leaf.size()))
                .toList();
        return space instanceof Space.Discrete || space instanceof Space.Box
                ? parts.get(0)
                : new FlatteningEncoder(parts);
    }

    /** Boxes and single indices, in the order of the coordinates. */
    private static List<Space> leaves(Space space) {
        if (space instanceof Space.MultiDiscrete discrete) {
            return Arrays.stream(discrete.counts())
                    .<Space>mapToObj(Space.Discrete::new)
                    .toList();
        }
        if (space instanceof Space.Dict dict) {
            return dict.parts().values().stream()
                    .flatMap(part -> leaves(part).stream())
                    .toList();
        }
        return List.of(space);
    }

    /** In the order of the observation's numbers. */
    public List<ObservationEncoder> parts() {
        return parts;
    }

    @Override
    public Facts facts() {
        return Facts.of("FlatteningEncoder").withEach(parts);
    }

    @Override
    public int observationSize() {
        return parts.stream().mapToInt(ObservationEncoder::observationSize).sum();
    }

    @Override
    public int size() {
        return parts.stream().mapToInt(ObservationEncoder::size).sum();
    }

    @Override
    public void requireFor(Space observationSpace) {
        List<Space> leaves = leaves(observationSpace);
        if (leaves.size() != parts.size()) {
            throw new IllegalArgumentException("a policy that encodes " + parts.size()
                    + " parts needs as many boxes and indices in an observation, got " + observationSpace);
        }
        for (int i = 0; i < leaves.size(); i++) {
            parts.get(i).requireFor(leaves.get(i));
        }
    }

    @Override
    public void encode(double[] observation, double[] inputs, int at) {
        int from = 0;
        int to = at;
        for (ObservationEncoder part : parts) {
            int size = part.observationSize();
            part.encode(Arrays.copyOfRange(observation, from, from + size), inputs, to);
            from += size;
            to += part.size();
        }
    }

    @Override
    public boolean learns() {
        return parts.stream().anyMatch(ObservationEncoder::learns);
    }

    @Override
    public void learn(double[] observations) {
        int stride = observationSize();
        int rows = observations.length / stride;
        int from = 0;
        for (ObservationEncoder part : parts) {
            int size = part.observationSize();
            if (part.learns()) {
                double[] own = new double[rows * size];
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(observations, row * stride + from, own, row * size, size);
                }
                part.learn(own);
            }
            from += size;
        }
    }

    @Override
    public double[] statistics() {
        return parts.stream()
                .flatMapToDouble(part -> Arrays.stream(part.statistics()))
                .toArray();
    }

    @Override
    public void setStatistics(double[] statistics) {
        List<double[]> before = new ArrayList<>();
        for (ObservationEncoder part : parts) {
            before.add(part.statistics());
        }
        Vectors.requireLength(
                "statistics",
                statistics,
                before.stream().mapToInt(part -> part.length).sum());
        int from = 0;
        int done = 0;
        try {
            for (; done < parts.size(); done++) {
                int length = before.get(done).length;
                parts.get(done).setStatistics(Arrays.copyOfRange(statistics, from, from + length));
                from += length;
            }
        } catch (IllegalArgumentException e) {
            for (int i = 0; i < done; i++) {
                parts.get(i).setStatistics(before.get(i));
            }
            throw e;
        }
    }

    @Override
    public ObservationEncoder copy() {
        return new FlatteningEncoder(
                parts.stream().map(ObservationEncoder::copy).toList());
    }

    /** What it does; not what it knows. */
    @Override
    public String toString() {
        return "FlatteningEncoder" + parts;
    }
}
