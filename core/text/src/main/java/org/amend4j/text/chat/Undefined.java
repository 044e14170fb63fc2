/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/**
 * The value of a name that there is not: it prints nothing, and nothing can be made of it.
 *
 * @param sentence why
 */
record Undefined(String sentence) {

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }
}
