/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;
import org.amend4j.environment.XorMdp;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.exact.LogitMap;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.Task;

/** Small processes to learn on. */
public final class Processes {

    public static final LogitMap XOR_LOGITS = new LogitMap.Bernoulli(2);

    /** As {@link #XOR_LOGITS}, but of the true states, for critics that must see them: states 1 and 2 share θ₂. */
    static final LogitMap XOR_STATES =
            new LogitMap.Linear(3, 2, new double[][] {{0, 0}, {1, 0}, {0, 0}, {0, 1}, {0, 0}, {0, 1}});

    private Processes() {}

    public static Task xor() {
        return Task.of("xor", XorMdp::plain);
    }

    /** The lazy variant with its states in sight. */
    static Task lazyXorStates() {
        return Task.of("lazy xor, states", () -> XorMdp.lazy(0.2).mdp().environment());
    }

    public static Horizon horizon(double gamma, int steps) {
        return Horizon.given(
                steps,
                BiasBound.C,
                new BiasConstants(gamma, ScoreConstants.tabularSoftmax(), RewardRange.known(-1, 1)));
    }

    /** One state, one step: action 0 is worth 1, others 0. */
    static FiniteMdp bandit(int actions) {
        List<List<Transition>> row = new ArrayList<>();
        for (int action = 0; action < actions; action++) {
            row.add(List.of(new Transition(1, 0, action == 0 ? 1 : 0, true)));
        }
        return new FiniteMdp(List.of(row), new double[] {1});
    }

    /** States in turn by chance; the action that is the state's number earns 1, others 0; an episode ends with chance 1/8. */
    static FiniteMdp identity(int states) {
        List<List<List<Transition>>> all = new ArrayList<>();
        double[] start = new double[states];
        for (int state = 0; state < states; state++) {
            start[state] = 1.0 / states;
            List<List<Transition>> row = new ArrayList<>();
            for (int action = 0; action < states; action++) {
                double reward = action == state ? 1 : 0;
                List<Transition> outcomes = new ArrayList<>(List.of(new Transition(1.0 / 8, 0, reward, true)));
                for (int next = 0; next < states; next++) {
                    outcomes.add(new Transition(7.0 / 8 / states, next, reward, false));
                }
                row.add(outcomes);
            }
            all.add(row);
        }
        return new FiniteMdp(all, start);
    }

    /** Random tables without an end; a fifth of the outcomes terminate if asked for. */
    public static TabularEnvironment random(int states, int actions, boolean ends, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        List<List<List<Transition>>> all = new ArrayList<>();
        for (int state = 0; state < states; state++) {
            List<List<Transition>> row = new ArrayList<>();
            for (int action = 0; action < actions; action++) {
                double[] p = distribution(states, random);
                List<Transition> outcomes = new ArrayList<>();
                for (int next = 0; next < states; next++) {
                    outcomes.add(new Transition(p[next], next, random.uniform(-1, 1), ends && random.nextInt(5) == 0));
                }
                row.add(outcomes);
            }
            all.add(row);
        }
        return new FiniteMdp(all, distribution(states, random)).environment();
    }

    private static double[] distribution(int size, SplitMix64 random) {
        double[] p = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            p[i] = -Math.log(1 - random.nextDouble());
            sum += p[i];
        }
        for (int i = 0; i < size; i++) {
            p[i] /= sum;
        }
        return p;
    }

    public static double[] normal(int size, double deviation, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        double[] numbers = new double[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = deviation * random.nextGaussian();
        }
        return numbers;
    }

    /** Reference numbers of the XOR process; the README beside the file says where they come from. */
    public static JsonNode golden() {
        try (InputStream in = Objects.requireNonNull(XorMdp.class.getResourceAsStream("xor_mdp.json"))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static double[] numbers(JsonNode array) {
        double[] result = new double[array.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = array.get(i).doubleValue();
        }
        return result;
    }
}
