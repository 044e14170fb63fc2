/**
 * What plans are computed on: memory, matrix products and named computations ({@link org.amend4j.internal.backend.Machine}). The host is one
 * machine ({@code org.amend4j.internal.cpu}), cards and their imitation are others (module {@code cuda}). docs/plans.md has the formulas.
 */
@NullMarked
package org.amend4j.internal.backend;

import org.jspecify.annotations.NullMarked;
