/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

/**
 * How many answers became right or wrong, or stayed so, by an adapter.
 *
 * @param rightToRight right before and after
 * @param wrongToRight only after
 * @param rightToWrong only before
 * @param wrongToWrong neither, be the wrong answer the same or another
 */
public record Changes(int rightToRight, int wrongToRight, int rightToWrong, int wrongToWrong) {}
