/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.util.List;
import java.util.Optional;

/**
 * What this machine has for computing on a card.
 *
 * @param driver the driver's version, if there is a driver
 * @param cards what the driver's files, or CUDA, call the cards
 * @param capability of the first card, if CUDA could be asked
 * @param memoryBytes of the first card, 0 if CUDA could not be asked
 * @param choice which of the three ways is the best here, and why
 * @param missing what is in the way of the device-resident one, a sentence each; empty if nothing
 */
public record GpuReport(
        Optional<String> driver,
        List<String> cards,
        Optional<Capability> capability,
        long memoryBytes,
        PathChoice choice,
        List<String> missing) {

    public GpuReport {
        cards = List.copyOf(cards);
        missing = List.copyOf(missing);
    }

    /** The best way to compute here. */
    public ComputePath way() {
        return choice.way();
    }
}
