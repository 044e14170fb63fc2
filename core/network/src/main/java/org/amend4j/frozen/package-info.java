/**
 * Fast execution of frozen layers, and a cache of their outputs: a compiled inference-mode program for the part of a graph
 * below the first trainable layer, and a disk cache of its activations.
 */
@NullMarked
package org.amend4j.frozen;

import org.jspecify.annotations.NullMarked;
