/**
 * Diagnoses whether a policy is at a saddle of its return: from curvature and noise of sampled policy gradients, or from exact numbers
 * where the process is finite.
 */
@NullMarked
package org.amend4j.secondorder;

import org.jspecify.annotations.NullMarked;
