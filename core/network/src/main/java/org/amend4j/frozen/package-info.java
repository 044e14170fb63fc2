/**
 * Running frozen layers fast, and caching what they give: a compiled inference-mode program for the part of a graph
 * below the first trainable layer, and a disk cache of its outputs.
 */
@NullMarked
package org.amend4j.frozen;

import org.jspecify.annotations.NullMarked;
