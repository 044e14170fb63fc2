/** A graph as a deterministic function of its parameters, whose per-example gradients can be inspected. */
@NullMarked
package org.amend4j.internal.lora.perexample;

import org.jspecify.annotations.NullMarked;
