/**
 * A device on the CPU that is stricter than a card: kernels compiled by the host's C++ compiler, memory that notices who writes
 * where he must not. How it works is in docs/cuda.md.
 */
@NullMarked
package org.amend4j.cuda.emulated;

import org.jspecify.annotations.NullMarked;
