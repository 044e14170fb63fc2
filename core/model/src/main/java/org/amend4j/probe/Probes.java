/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.amend4j.probe.SideBySide.RejectedException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks that a graph computes the same as its base. */
public final class Probes {

    /** Made-up inputs that a base may refuse before it is given up. */
    private static final int ATTEMPTS = 24;

    private Probes() {}

    /**
     * Compares vertex by vertex, in test mode. Both graphs are left as they were, but for masks set by hand, which are
     * cleared. Runs under the base's monitor: nobody else may use the networks meanwhile.
     *
     * @param base an initialised graph
     * @param graph an initialised graph that has the base's vertices under their names
     * @throws DifferentGraphException naming the first vertex that differs beyond rounding, with both values
     * @throws IllegalArgumentException if the base does not take the rows given
     */
    public static ProbeReport run(Probe probe, ComputationGraph base, ComputationGraph graph) {
        if (probe instanceof Probe.Given given) {
            return compare(given, base, graph);
        }
        return probe instanceof Probe.None ? new ProbeReport.Declined() : madeUp(base, graph);
    }

    private static ProbeReport compare(Probe.Given given, ComputationGraph base, ComputationGraph graph) {
        try {
            return SideBySide.compare(
                    base, graph, given.features().toArray(INDArray[]::new), masks(given.masks()), false);
        } catch (RejectedException refused) {
            throw new IllegalArgumentException("the base does not take the probe: " + refused.getMessage(), refused);
        }
    }

    private static @Nullable INDArray @Nullable [] masks(List<Optional<INDArray>> masks) {
        if (masks.stream().noneMatch(Optional::isPresent)) {
            return null;
        }
        @Nullable INDArray[] all = new INDArray[masks.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = masks.get(i).orElse(null);
        }
        return all;
    }

    private static ProbeReport madeUp(ComputationGraph base, ComputationGraph graph) {
        Iterator<INDArray[]> likely = new MadeUpInputs(base).likely().iterator();
        String refusal = "no input of a usual size fits the layers of the base";
        for (int attempt = 0; attempt < ATTEMPTS && likely.hasNext(); attempt++) {
            try {
                return SideBySide.compare(base, graph, likely.next(), null, true);
            } catch (RejectedException refused) {
                refusal = "the base took none of the inputs made up for it; of the last one, " + refused.getMessage();
            }
        }
        return new ProbeReport.NotDerived(refusal);
    }
}
