/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

/** A listener of a graph that makes another gradient of the one that the graph has. */
public interface ChangesGradients {

    /** What it is for: the end of a sentence. */
    String how();
}
