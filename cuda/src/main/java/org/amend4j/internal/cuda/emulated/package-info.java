/**
 * A device on the CPU that is stricter than a card: kernels compiled by the host's C++ compiler, memory that detects
 * out-of-bounds writes. docs/cuda.md explains how it works.
 */
@NullMarked
package org.amend4j.internal.cuda.emulated;

import org.jspecify.annotations.NullMarked;
