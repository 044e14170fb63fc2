/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/**
 * A token that is found before words are.
 *
 * @param singleWord only where no word goes on at its sides
 * @param stripLeft takes the white space before it
 * @param stripRight takes the white space behind it
 * @param normalized is sought, normalized, in the normalized text; otherwise as it is in the original
 * @param special left out of decoded texts on request
 */
record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean stripLeft,
        boolean stripRight,
        boolean normalized,
        boolean special) {}
