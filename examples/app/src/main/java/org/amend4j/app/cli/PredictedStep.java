/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import org.amend4j.internal.cuda.cost.Assumptions;
import org.amend4j.internal.cuda.cost.PartCost;
import org.amend4j.internal.cuda.cost.Prediction;

/**
 * A prediction, for JSON.
 *
 * @param measured never
 * @param parts by what computes
 * @param work by what it is done for: the steps of the plan, and what is around them
 */
record PredictedStep(
        boolean measured,
        String card,
        String precision,
        Part total,
        List<Part> parts,
        List<Part> work,
        Assumptions assumptions) {

    /** Times are in microseconds. */
    record Part(
            String part,
            int launches,
            double flops,
            long bytesRead,
            long bytesWritten,
            double floorMicroseconds,
            double predictedMicroseconds) {

        static Part of(PartCost cost) {
            return new Part(
                    cost.part(),
                    cost.launches(),
                    cost.flops(),
                    cost.traffic().read(),
                    cost.traffic().written(),
                    cost.floor(),
                    cost.predicted());
        }
    }

    static PredictedStep of(Prediction prediction) {
        return new PredictedStep(
                false,
                prediction.card().title(),
                prediction.precision().name(),
                Part.of(prediction.total()),
                prediction.parts().stream().map(Part::of).toList(),
                prediction.steps().stream().map(Part::of).toList(),
                prediction.assumptions());
    }
}
