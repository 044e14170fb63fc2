/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/** A function, a macro, or a method with its object. */
@FunctionalInterface
interface Callable {
    Object call(Arguments arguments, Rendering in);
}
