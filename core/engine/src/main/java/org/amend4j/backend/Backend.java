/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

import java.util.Set;

/** What plans are computed on: the processor, a card, or its imitation. Opened by amend4j; the caller closes it. Not thread-safe. */
public interface Backend extends AutoCloseable {

    /** What it calls itself. */
    String name();

    /** Whether its products and kernels compute with numbers of this type. */
    boolean computesIn(ElementType type);

    /** What it can round factors of products of floats to. */
    Set<ProductPrecision> precisions();

    @Override
    void close();
}
