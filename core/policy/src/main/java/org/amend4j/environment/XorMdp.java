/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * The smallest process with a saddle: in state 0 action a leads to state 1 + a without reward; there action b is worth 1 if
 * b = a and -1 otherwise, and leads back. It never ends. States 1 and 2 look alike (observation 1), so a policy has one
 * probability for state 0 and one, q, for both others; with p and q of action 1, the discounted return is
 * J = c (2p - 1)(2q - 1) with c = γ/(1 - γ²): a saddle at p = q = 1/2.
 *
 * <p>The lazy variant stays in state 0 with probability ε, whatever the action, which makes the chain aperiodic;
 * c = (1 - ε)γ/(1 - εγ - (1 - ε)γ²).
 */
public final class XorMdp {

    private XorMdp() {}

    /** The plain variant, observed through the aliasing. */
    public static TabularEnvironment plain() {
        return of(0);
    }

    /**
     * The lazy variant, observed through the aliasing.
     *
     * @param stay ε, in (0, 1)
     */
    public static TabularEnvironment lazy(double stay) {
        return of(Checks.insideUnit("stay", stay));
    }

    private static TabularEnvironment of(double stay) {
        FiniteMdp mdp =
                new FiniteMdp(Tables.of(3, 2, (state, action) -> outcomes(stay, state, action)), Tables.only(3, 0));
        return new TabularEnvironment(mdp, new int[] {0, 1, 1});
    }

    private static List<Transition> outcomes(double stay, int state, int action) {
        if (state > 0) {
            return List.of(new Transition(1, 0, state == 1 + action ? 1 : -1, false));
        }
        List<Transition> result = new ArrayList<>();
        result.add(new Transition(1 - stay, 1 + action, 0, false));
        if (stay > 0) {
            result.add(new Transition(stay, 0, 0, false));
        }
        return result;
    }
}
