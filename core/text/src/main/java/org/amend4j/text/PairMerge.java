/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/** Two tokens that become one. */
record PairMerge(String left, String right) {

    String merged() {
        return left + right;
    }
}
