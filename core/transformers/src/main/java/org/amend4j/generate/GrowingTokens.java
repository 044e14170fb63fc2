/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** A text on its way, as its decoder keeps it; one thread at a time. */
public interface GrowingTokens {

    /** How many tokens it has. */
    int length();
}
