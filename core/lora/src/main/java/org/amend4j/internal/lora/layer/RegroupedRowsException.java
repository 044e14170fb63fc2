/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

/** A layer with several shares of a batch does not see one row, image or sequence per example. */
public final class RegroupedRowsException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    RegroupedRowsException(String layer, long examples, long seen) {
        super("the layer must see one row, image or sequence per example of a batch whose examples use different"
                + " adapters, got " + seen + " for " + examples + " " + layer);
    }
}
