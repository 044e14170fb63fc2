/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;

/** An embedding's configuration some of whose rows train: its parameters are copies of them, [tokens, width], in place of the base's. */
public interface TrainsTokens extends StandsOnBase {

    /** Key of the rows. */
    String ROWS = "tokens";

    /** The tokens they belong to, in their order, each once. */
    List<Integer> trainedTokens();
}
