/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

/** The choices that a user has. */
public enum DeviceChoice {
    /** A card if there is one that can be used, else the CPU. */
    AUTO,
    /** ND4J on the CPU. */
    CPU,
    /** The first card, or a refusal. */
    CUDA,
    /** The device that imitates a card on the CPU; for tests: slow. */
    EMULATED
}
