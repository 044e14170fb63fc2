/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.WeightStorage;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Agreement;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.objective.RecordIds;
import org.amend4j.training.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the layers of {@code fit} compute of the first record, against what a plan computes of it. */
public final class SameLoss {

    private SameLoss() {}

    /**
     * Compares. Nothing is compared where a machine only counts, inputs are dropped at random, or weights are kept in fewer digits.
     *
     * @param variant of those that compute losses, the one that is used: it is compiled for it
     * @param extras that are in neither loss
     * @throws org.amend4j.model.UnsupportedNetworkException if they differ by more than rounding
     */
    public static void require(
            ComputationGraph graph,
            TrainingExtras extras,
            RecordParts data,
            PlanSession session,
            PlacedRecords records,
            Variant variant) {
        boolean rounded = session.arithmetic().storage() != WeightStorage.FP32;
        if (!session.machine().computes() || session.network().drops() || rounded) {
            return;
        }
        Records part = data.parts().iterator().next();
        Records first = part.only(RecordIds.of(part.ids().get(0)));
        double expected = ObservedGraph.stock(graph, extras).graph().score(first.all(), true);
        double found = lossOfFirst(session, records, variant);
        double size = Math.abs(expected) + lossOfNothing(session, first.all().getLabels());
        Agreement.require("the loss", Math.abs(found - expected), size, session.arithmetic());
    }

    private static double lossOfFirst(PlanSession session, PlacedRecords records, Variant variant) {
        try (MachineArray loss = session.machine()
                .allocate("loss of the first record", session.arithmetic().type(), 1)) {
            session.run(variant, records.batch(new int[] {0}, 0, 1, Optional.of(loss)));
            return session.machine().downloadDoubles(loss)[0];
        }
    }

    /** About what a network loses that gives nothing: the labels' squares; 1 for tokens, numbers of which say nothing of a loss. */
    private static double lossOfNothing(PlanSession session, INDArray... labels) {
        return IntStream.range(0, labels.length)
                .mapToDouble(k -> session.network().tokenLoss(k).isPresent() ? 1 : square(labels[k]))
                .sum();
    }

    private static double square(INDArray labels) {
        double norm = labels.norm2Number().doubleValue();
        return norm * norm;
    }
}
