/**
 * Functions of a parameter vector, and of records if they have some: values, gradients, curvature. Vectors are plain
 * {@code double[]}: code built on objectives (descent, unlearning, policies) is independent of arrays and devices.
 */
@NullMarked
package org.amend4j.objective;

import org.jspecify.annotations.NullMarked;
