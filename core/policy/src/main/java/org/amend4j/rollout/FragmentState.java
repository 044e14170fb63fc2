/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.Optional;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.VectorSnapshot;

/**
 * The state of a {@link FragmentCollector}.
 *
 * @param environments the rows' running episodes
 * @param episodes their numbers so far: reward, discounted reward, γ^t, length, [4 · rows]
 * @param rewards the normaliser, if there is one
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record FragmentState(VectorSnapshot environments, double[] episodes, Optional<RewardNormaliser.State> rewards) {}
