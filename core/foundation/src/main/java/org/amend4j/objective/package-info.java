/**
 * Functions of a parameter vector, and of records if they have some: values, gradients, curvature. Vectors are plain
 * {@code double[]}: what is built on objectives (descent, unlearning, policies) knows neither arrays nor devices.
 */
@NullMarked
package org.amend4j.objective;

import org.jspecify.annotations.NullMarked;
