/**
 * Training on a device: parameters and optimizer's state stay there; only indices, losses and the trained parameters cross the bus,
 * and not with every step.
 */
@NullMarked
package org.amend4j.cuda.training;

import org.jspecify.annotations.NullMarked;
