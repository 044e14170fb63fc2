package org.amend4j.environment;

/** Values of finite processes by Bellman's recursion, written apart from the library. */
final class MdpValues {

    private MdpValues() {}

    interface Policy {
        double probability(int state, int action);
    }

    private interface Choice {
        double of(int state, double[] actionValues);
    }

    /** E Σ_{t<steps} γ^t r_t. */
    static double of(FiniteMdp mdp, Policy policy, double gamma, int steps) {
        return recurse(mdp, gamma, steps, (state, q) -> {
            double sum = 0;
            for (int action = 0; action < q.length; action++) {
                sum += policy.probability(state, action) * q[action];
            }
            return sum;
        });
    }

    /** The greatest E Σ_{t<steps} γ^t r_t that any policy has. */
    static double optimal(FiniteMdp mdp, double gamma, int steps) {
        return recurse(mdp, gamma, steps, (state, q) -> {
            double best = q[0];
            for (double value : q) {
                best = Math.max(best, value);
            }
            return best;
        });
    }

    private static double recurse(FiniteMdp mdp, double gamma, int steps, Choice choice) {
        double[] value = new double[mdp.states()];
        double[] q = new double[mdp.actions()];
        for (int k = 0; k < steps; k++) {
            double[] next = new double[mdp.states()];
            double change = 0;
            for (int state = 0; state < next.length; state++) {
                for (int action = 0; action < q.length; action++) {
                    q[action] = actionValue(mdp, state, action, gamma, value);
                }
                next[state] = choice.of(state, q);
                change = Math.max(change, Math.abs(next[state] - value[state]));
            }
            value = next;
            if (change == 0) {
                break; // a fixed point: the same values come out for ever
            }
        }
        double[] start = mdp.start();
        double sum = 0;
        for (int state = 0; state < start.length; state++) {
            sum += start[state] * value[state];
        }
        return sum;
    }

    private static double actionValue(FiniteMdp mdp, int state, int action, double gamma, double[] value) {
        double sum = 0;
        for (Outcome outcome : mdp.outcomes(state, action)) {
            double beyond = outcome.terminated() ? 0 : gamma * value[outcome.next()];
            sum += outcome.probability() * (outcome.reward() + beyond);
        }
        return sum;
    }
}
