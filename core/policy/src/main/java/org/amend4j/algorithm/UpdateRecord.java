/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.amend4j.rollout.EpisodeSummary;

/**
 * The numbers of one update.
 *
 * @param update its number, from 1 on
 * @param steps environment steps so far, of all updates together; those of critic and actor both count
 * @param episodes that ended in this update (in theory mode: that were cut off at the horizon)
 * @param metrics what was measured
 */
public record UpdateRecord(long update, long steps, List<EpisodeSummary> episodes, Map<Metric, Double> metrics) {

    public UpdateRecord {
        episodes = List.copyOf(episodes);
        Map<Metric, Double> all = new EnumMap<>(Metric.class);
        all.putAll(metrics);
        if (!episodes.isEmpty()) {
            all.put(Metric.RETURN, mean(episodes, EpisodeSummary::reward));
            all.put(Metric.DISCOUNTED_RETURN, mean(episodes, EpisodeSummary::discounted));
            all.put(Metric.EPISODE_LENGTH, mean(episodes, EpisodeSummary::length));
            all.put(Metric.RETURN_RANGE, range(episodes));
        }
        metrics = Collections.unmodifiableMap(all);
    }

    private static double mean(List<EpisodeSummary> episodes, ToDoubleFunction<EpisodeSummary> number) {
        return episodes.stream().mapToDouble(number).sum() / episodes.size();
    }

    private static double range(List<EpisodeSummary> episodes) {
        DoubleSummaryStatistics returns =
                episodes.stream().mapToDouble(EpisodeSummary::reward).summaryStatistics();
        return returns.getMax() - returns.getMin();
    }

    /** A measured number, if this algorithm has it. */
    public OptionalDouble get(Metric metric) {
        Double value = metrics.get(metric);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
