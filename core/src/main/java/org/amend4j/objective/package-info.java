/**
 * A network and its data as a function of the trainable vector. Vectors are plain {@code double[]}: what is built on
 * objectives (descent, unlearning, policies) knows neither arrays nor devices.
 */
@NullMarked
package org.amend4j.objective;

import org.jspecify.annotations.NullMarked;
