/**
 * The processor as a machine for plans: products by OpenBLAS, everything else as plain loops that HotSpot turns into vector
 * instructions, in single or double precision. Shares of a batch are computed side by side, each by one thread from beginning to
 * end, so that no kernel waits for another thread and what a thread works on stays in its cache.
 */
@NullMarked
package org.amend4j.internal.cpu;

import org.jspecify.annotations.NullMarked;
