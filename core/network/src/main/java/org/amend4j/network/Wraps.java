/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

/**
 * A configuration that does the work of another one, in its own way.
 *
 * @param <T> layer, vertex or preprocessor
 */
public interface Wraps<T> {

    /** Whose work it does. */
    T inner();
}
