/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/** Makes a value of a value: {@code value | filter(arguments)}. */
@FunctionalInterface
interface Filter {
    Object apply(Object value, Arguments arguments, Rendering in);
}
