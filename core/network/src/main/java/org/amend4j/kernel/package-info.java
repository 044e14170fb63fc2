/**
 * Where a faster way to compute a part of an adapted layer can be plugged in. {@link org.amend4j.kernel.LoraKernels} is what
 * another module provides; without one, or where it declines, layers use ND4J's operations.
 */
@NullMarked
package org.amend4j.kernel;

import org.jspecify.annotations.NullMarked;
