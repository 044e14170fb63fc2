/**
 * Gradient descent with guarantees for its steps: step rules with their proofs' inequalities checked along the run,
 * theoretical rates compared with observed ones, trajectories that survive a crash. Works on any {@link
 * org.amend4j.objective.Objective}; independent of networks and arrays.
 */
@NullMarked
package org.amend4j.descent;

import org.jspecify.annotations.NullMarked;
