/** Benchmarks: every class with a main method compares alternatives side by side in one run. */
@NullMarked
package org.amend4j.bench;

import org.jspecify.annotations.NullMarked;
