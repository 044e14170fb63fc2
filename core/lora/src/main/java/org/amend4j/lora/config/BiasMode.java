/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

/** Which biases of the base train beside the factors, as copies that belong to the adapter. */
public enum BiasMode {
    /** None. */
    NONE,
    /** Those of adapted layers (PEFT's {@code "lora_only"}). */
    ADAPTED,
    /** Every one of the network (PEFT's {@code "all"}). */
    ALL
}
