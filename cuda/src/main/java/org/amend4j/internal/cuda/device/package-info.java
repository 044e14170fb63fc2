/**
 * What a compute device can do: memory, copies, matrix products, kernels. Every argument is checked here, once for all devices;
 * subclasses of {@link org.amend4j.internal.cuda.device.Device} do the raw work.
 */
@NullMarked
package org.amend4j.internal.cuda.device;

import org.jspecify.annotations.NullMarked;
