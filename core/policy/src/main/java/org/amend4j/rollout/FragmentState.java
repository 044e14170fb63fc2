/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.VectorSnapshot;

/**
 * The state of a {@link FragmentCollector}.
 *
 * @param environments the rows' running episodes
 * @param episodes their numbers so far: reward, discounted reward, γ^t, length, [4 · rows]
 * @param rewards the normaliser of each batch of rows; empty if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record FragmentState(VectorSnapshot environments, double[] episodes, List<RewardNormaliser.State> rewards) {

    public FragmentState {
        rewards = List.copyOf(rewards);
    }
}
