/**
 * Gradient descent whose steps carry guarantees: step rules with their proofs' inequalities checked along the run, rates
 * beside what was observed, trajectories that survive a crash. Works on any {@link org.amend4j.objective.Objective};
 * knows neither networks nor arrays.
 */
@NullMarked
package org.amend4j.descent;

import org.jspecify.annotations.NullMarked;
