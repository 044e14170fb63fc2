/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.Cost;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepListener;

/** Counts and times the steps that training makes. */
final class Stopwatch implements StepListener {

    private final StepListener next;
    private final long begin = System.nanoTime();
    private int steps;
    private int newtonSteps;

    Stopwatch(StepListener next) {
        this.next = next;
    }

    @Override
    public void madeStep(int step, int of) {
        steps++;
        next.madeStep(step, of);
    }

    @Override
    public void converging(int step, double gradientNorm, double wanted) {
        newtonSteps++;
        next.converging(step, gradientNorm, wanted);
    }

    /** What one record's gradient took, if the steps made were the last ones of a run. */
    double secondsPerGradient(RewindToDelete run) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        return seconds / Math.max(1, recordGradients(run));
    }

    private long recordGradients(RewindToDelete run) {
        int last = run.recipe().steps();
        RecordIds all = run.objective().records();
        if (run.recipe().isUntilGradient()) {
            return Cost.ofNewton(newtonSteps, all.size(), Double.NaN).recordGradients();
        }
        long sum = 0;
        for (int t = last - steps; t < last; t++) {
            sum += run.recipe().batches().at(all, t).size();
        }
        return sum;
    }
}
