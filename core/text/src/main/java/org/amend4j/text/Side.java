/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/** An end of a list of tokens. */
public enum Side {
    /** Its beginning. */
    LEFT,
    /** Its end. */
    RIGHT
}
