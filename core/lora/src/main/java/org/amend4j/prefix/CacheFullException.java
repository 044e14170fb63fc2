/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.prefix;

/** Thrown when data alone needs more than a cache's budget. */
public final class CacheFullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CacheFullException(String message) {
        super(message);
    }
}
