/**
 * Objectives whose data, weights and work are on a device; only parameters, losses and gradients cross the bus.
 */
@NullMarked
package org.amend4j.cuda.objective;

import org.jspecify.annotations.NullMarked;
