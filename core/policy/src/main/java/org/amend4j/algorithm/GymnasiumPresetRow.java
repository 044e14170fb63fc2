/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.policy.DenseActivation;

/** A line of the table of {@link GymnasiumPresets}, read cell by cell from the left. */
final class GymnasiumPresetRow {

    /** Behind a rate that falls until the last step. */
    private static final String FALLING = " to 0";

    private final String[] cells;
    private int next = 1;

    GymnasiumPresetRow(String line) {
        cells = line.split("\\|", -1);
    }

    private String text() {
        return cells[next++].strip();
    }

    private int integer() {
        return Integer.parseInt(text());
    }

    private double number() {
        return Double.parseDouble(text());
    }

    Preset preset() {
        String name = text();
        boolean ppo = text().equals("ppo");
        Fragments fragments = new Fragments(
                integer(), integer(), new GeneralizedAdvantage(number(), number()), text().equals("normalised"));
        Terms terms = new Terms(ppo, number(), number());
        String rate = text();
        double norm = number();
        long total = Long.parseLong(text());
        Optimizer optimizer = ppo ? Optimizer.Adam.DEFAULT.withEpsilon(1e-5) : Optimizer.RmsProp.DEFAULT;
        OptimizerConfig climb = new OptimizerConfig(optimizer, rate(rate, total), norm);
        boolean own = text().equals("own");
        List<Integer> hidden =
                Arrays.stream(text().split("-", -1)).map(Integer::valueOf).toList();
        DenseActivation activation = DenseActivation.valueOf(text().toUpperCase(Locale.ROOT));
        AlgorithmConfig config = ppo ? ppo(fragments, terms, climb) : new A2c.Config(fragments, terms, climb);
        return new Preset(
                name,
                OptionalInt.empty(),
                config,
                hidden,
                activation,
                own,
                fragments.normaliseRewards(),
                StopRule.steps(total));
    }

    /** The last cells, which A2C leaves empty. */
    private Ppo.Config ppo(Fragments fragments, Terms terms, OptimizerConfig climb) {
        int miniBatches = fragments.environments() * fragments.steps() / integer();
        return new Ppo.Config(
                fragments, integer(), miniBatches, Schedule.constant(number()), OptionalDouble.empty(), terms, climb);
    }

    private static Schedule rate(String cell, long total) {
        return cell.endsWith(FALLING)
                ? Schedule.linear(Double.parseDouble(cell.replace(FALLING, "")), total)
                : Schedule.constant(Double.parseDouble(cell));
    }
}
