/** The frozen part of a network on a device: activations for core's cache. */
@NullMarked
package org.amend4j.cuda.prefix;

import org.jspecify.annotations.NullMarked;
