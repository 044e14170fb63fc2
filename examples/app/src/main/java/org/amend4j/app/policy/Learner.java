/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import org.amend4j.policy.Policy;
import org.amend4j.policy.SavedPolicy;

/**
 * A policy that is to learn, and the graph that its network's parameters live in.
 *
 * @param network of the policy
 */
record Learner(Policy policy, SavedPolicy.Network network) {

    SavedPolicy saved(String environment) {
        return new SavedPolicy(policy, network, environment);
    }
}
