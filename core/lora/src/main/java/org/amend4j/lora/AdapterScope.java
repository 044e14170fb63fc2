/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

/**
 * A stretch of code in which the adapters are off, or otherwise than outside. Close it with try-with-resources; scopes nest, and the
 * adapters come back when the outermost one closes. Closing twice does nothing.
 */
public final class AdapterScope implements AutoCloseable {

    private final Runnable onClose;
    private boolean open = true;

    /** @param onClose what closing does, once */
    public AdapterScope(Runnable onClose) {
        this.onClose = onClose;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            onClose.run();
        }
    }
}
