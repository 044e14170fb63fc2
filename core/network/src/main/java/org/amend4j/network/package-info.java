/**
 * Deeplearning4j's graphs as a list of operations on rows: what a device has to compute, without saying how. {@link
 * org.amend4j.network.NetworkReader} makes it, and names the first unsupported vertex.
 */
@NullMarked
package org.amend4j.network;

import org.jspecify.annotations.NullMarked;
