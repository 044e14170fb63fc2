/** Gradients of an adapter's factors, preconditioned in place before an updater sees them, as pure functions. */
@NullMarked
package org.amend4j.internal.lora.gradient;

import org.jspecify.annotations.NullMarked;
