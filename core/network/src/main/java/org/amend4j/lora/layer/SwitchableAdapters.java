/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

/** A running layer or vertex whose adapters can be switched off: it then computes what the base computes. */
public interface SwitchableAdapters {

    /** Switches the adapters on or off; without any nothing happens. */
    void setAdapterEnabled(boolean enabled);
}
