/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

/** Foreign text in a sentence. */
final class Quoted {

    private static final int LONGEST = 80;

    private Quoted() {}

    /** In quotes; of a long one the beginning. */
    static String of(String text) {
        return "'" + (text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…") + "'";
    }
}
