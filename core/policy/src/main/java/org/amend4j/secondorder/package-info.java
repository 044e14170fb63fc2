/**
 * Whether a policy is at a saddle of its return: curvature and noise of sampled policy gradients, and what they say about
 * second-order stationarity; the same from exact numbers where the process is finite.
 */
@NullMarked
package org.amend4j.secondorder;

import org.jspecify.annotations.NullMarked;
