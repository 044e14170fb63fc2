/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/**
 * A configuration that wraps another one and implements it differently.
 *
 * @param <T> layer, vertex or preprocessor
 */
public interface LayerWrapper<T> {

    /** Whose work it does. */
    T inner();
}
