/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.unlearn.RewindToDelete;

/**
 * The numbers with which steps that are too long for their curvature would be admissible: {@code η·(L·k/B + 2λ) <= 2}, k
 * the most records that a step has. Each number is given for the others unchanged.
 */
final class StepAdvice {

    /** Advice is rounded to three digits, to the safe side, from numbers that are this much safer than the condition. */
    private static final double MARGIN = 1e-9;

    private final LossBounds bounds;
    private final StepMap map;
    private final int planned;
    private final int most;

    private StepAdvice(LossBounds bounds, StepMap map, int planned, int most) {
        this.bounds = bounds;
        this.map = map;
        this.planned = planned;
        this.most = most;
    }

    /**
     * Advice for a run with refused steps.
     *
     * @param planned N0
     * @return a half sentence; empty if the curvature does not limit steps
     */
    static String of(RewindToDelete run, LossBounds bounds, int planned) {
        RecordIds records = run.objective().records();
        int most = 0;
        for (int t = 0; t < run.recipe().steps(); t++) {
            most = Math.max(most, run.recipe().batches().at(records, t).size());
        }
        return bounds.curvature() == LossCurvature.NONCONVEX
                        || !bounds.lipschitz().isKnown()
                ? ""
                : new StepAdvice(bounds, run.map(0), planned, most).sentence();
    }

    private String sentence() {
        double decay = map.weightDecay();
        double lipschitz = map.normaliser().lipschitz(bounds.lipschitz().value(), most);
        List<String> ways = new ArrayList<>();
        ways.add("--step-size at most " + down(2 / (lipschitz + 2 * decay) / (1 + MARGIN)));
        double room = 2 / map.stepSize() - 2 * decay;
        if (room > 0 && map.normaliser() instanceof Normaliser.Fixed) {
            ways.add("--planned-records at least " + (long) Math.ceil(planned * lipschitz / room * (1 + MARGIN)));
        }
        double most = (2 / map.stepSize() - lipschitz) / 2 / (1 + MARGIN);
        if (most > 0 && decay > 0) {
            ways.add("--weight-decay at most " + down(most));
        }
        return "; it would not be refused with " + String.join(", or ", ways);
    }

    /** Three digits, rounded down. */
    private static String down(double value) {
        double unit = Math.pow(10, Math.floor(Math.log10(value)) - 2);
        return String.format(Locale.ROOT, "%.3g", Math.floor(value / unit) * unit);
    }
}
