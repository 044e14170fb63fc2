/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

/**
 * How the factor A of an adapter is initialised; B always starts at zero, so a fresh adapter leaves the base's output
 * unchanged.
 */
public enum AdapterInit {
    /** A uniform in ±1/sqrt(fan-in) (Kaiming-uniform with slope sqrt(5), PEFT's default). */
    DEFAULT,
    /** A normal with mean 0 and standard deviation 1/rank (PEFT's {@code "gaussian"}). */
    GAUSSIAN
}
