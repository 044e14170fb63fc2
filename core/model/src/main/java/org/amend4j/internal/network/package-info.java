/**
 * Deeplearning4j's graphs as lists of operations on rows: what has to be computed, not how. {@link
 * org.amend4j.internal.network.NetworkReader} creates them, and names the first unsupported vertex.
 */
@NullMarked
package org.amend4j.internal.network;

import org.jspecify.annotations.NullMarked;
