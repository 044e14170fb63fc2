/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Comparator;
import java.util.stream.IntStream;

/** What tests measure heads by. */
final class Ranks {

    private Ranks() {}

    static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** The chance that a positive scores above a negative, ties counting half (Mann and Whitney). */
    static double auc(double[] scores, double[] labels) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double won = 0;
        double below = 0;
        double positives = 0;
        for (int from = 0, to; from < order.length; from = to) {
            double tied = 0;
            double winners = 0;
            for (to = from; to < order.length && scores[order[to]] == scores[order[from]]; to++) {
                winners += labels[order[to]];
                tied += 1 - labels[order[to]];
            }
            won += winners * (below + tied / 2);
            below += tied;
            positives += winners;
        }
        return won / (below * positives);
    }
}
