/**
 * The plug-in point for faster computation of parts of an adapted layer. Another module can provide {@link
 * org.amend4j.internal.kernel.LoraKernels}; without one, or where it declines, layers use ND4J's operations.
 */
@NullMarked
package org.amend4j.internal.kernel;

import org.jspecify.annotations.NullMarked;
