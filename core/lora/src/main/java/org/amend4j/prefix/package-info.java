/**
 * Frozen layers, and a cache of their outputs: the part of a graph below the first trainable layer in inference mode, as a plan on the
 * processor or a device, and a disk cache of its activations.
 */
@NullMarked
package org.amend4j.prefix;

import org.jspecify.annotations.NullMarked;
