/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/** Says yes or no of a value: {@code value is check(arguments)}, what Jinja calls a test. */
@FunctionalInterface
interface Check {
    boolean holds(Object value, Arguments arguments, Rendering in);
}
