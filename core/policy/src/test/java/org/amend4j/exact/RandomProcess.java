/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;

/** Processes with random tables, some of whose outcomes end the episode, and random observations. */
final class RandomProcess {

    private RandomProcess() {}

    static TabularEnvironment aliased(Random random) {
        FiniteMdp mdp = tables(random, 2 + random.nextInt(5), 2 + random.nextInt(2), 0.15);
        int[] observations = new int[mdp.states()];
        int count = 1 + random.nextInt(mdp.states());
        for (int state = 0; state < observations.length; state++) {
            observations[state] = state < count ? state : random.nextInt(count);
        }
        return new TabularEnvironment(mdp, observations);
    }

    /** Every state is a start. */
    static FiniteMdp tables(Random random, int states, int actions, double ending) {
        List<List<List<Transition>>> outcomes = new ArrayList<>();
        for (int state = 0; state < states; state++) {
            List<List<Transition>> row = new ArrayList<>();
            for (int action = 0; action < actions; action++) {
                row.add(outcomes(random, states, ending));
            }
            outcomes.add(row);
        }
        return new FiniteMdp(outcomes, distribution(random, states));
    }

    private static List<Transition> outcomes(Random random, int states, double ending) {
        double[] weights = distribution(random, 3);
        List<Transition> result = new ArrayList<>();
        for (double weight : weights) {
            boolean terminated = random.nextDouble() < ending;
            result.add(new Transition(weight, random.nextInt(states), 2 * random.nextDouble() - 1, terminated));
        }
        return result;
    }

    /** Sums to 1 to rounding, all of it positive. */
    static double[] distribution(Random random, int n) {
        double[] result = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            result[i] = 0.05 + random.nextDouble();
            sum += result[i];
        }
        for (int i = 0; i < n; i++) {
            result[i] /= sum;
        }
        return result;
    }

    static double[] normals(Random random, int n) {
        double[] result = new double[n];
        for (int i = 0; i < n; i++) {
            result[i] = random.nextGaussian();
        }
        return result;
    }
}
