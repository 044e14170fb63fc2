/** Side-by-side timings in one JVM; mains, started by the Maven profile {@code bench}. */
@NullMarked
package org.amend4j.bench;

import org.jspecify.annotations.NullMarked;
