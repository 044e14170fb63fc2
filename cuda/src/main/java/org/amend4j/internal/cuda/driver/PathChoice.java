/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.util.Optional;

/**
 * Which way of computing is the best here, and why. Where two apply it is the faster one, by the cards' data sheets and by what
 * each way asks of a card; nothing of it was measured.
 *
 * @param why in a sentence
 */
public record PathChoice(ComputePath way, String why) {

    private static final String WAITS = "ND4J waits for the card before and after each product";

    /**
     * The choice for a machine.
     *
     * @param card the capability of the card, if there is one
     * @param nd4jCuda whether ND4J's CUDA backend is on the class path
     * @param librariesWork whether the CUDA libraries that device-resident objectives need load and work
     */
    static PathChoice of(Optional<Capability> card, boolean nd4jCuda, boolean librariesWork) {
        return card.map(capability -> of(capability, nd4jCuda, librariesWork))
                .orElseGet(() -> new PathChoice(ComputePath.CPU, "There is no card that can be used."));
    }

    private static PathChoice of(Capability card, boolean nd4jCuda, boolean librariesWork) {
        boolean nd4j = nd4jCuda && card.compareTo(Capability.MOST_OF_ND4J) <= 0;
        boolean resident = librariesWork && card.compareTo(Capability.LEAST) >= 0;
        boolean hasTf32 = card.compareTo(Capability.LEAST_WITH_TF32) >= 0;
        if (resident && (hasTf32 || !nd4j)) {
            return new PathChoice(ComputePath.DEVICE_RESIDENT, whyResident(card));
        }
        if (nd4j) {
            return new PathChoice(ComputePath.ND4J_CUDA, whyNd4j(card, hasTf32));
        }
        return new PathChoice(ComputePath.CPU, whyNot(card, nd4jCuda));
    }

    private static String whyResident(Capability card) {
        if (card.compareTo(Capability.MOST_OF_ND4J) > 0) {
            return "ND4J's CUDA backend has no code for compute capability " + card
                    + "; with --precision tf32 products use the card's tensor cores.";
        }
        if (card.compareTo(Capability.LEAST_WITH_TF32) < 0) {
            return "Weights and data stay on the card, and nothing waits between products; TF32 needs compute capability "
                    + Capability.LEAST_WITH_TF32 + ".";
        }
        return "With --precision tf32 products use the card's tensor cores, while ND4J's CUDA backend multiplies in plain FP32 ("
                + peaks(card) + " by the data sheets), and " + WAITS + ".";
    }

    /** What products in TF32 gain at most: eightfold where a card is made for it, nothing on those for games. */
    private static String peaks(Capability card) {
        return card.equals(Capability.LEAST_WITH_TF32)
                ? "A100: 156 against 19.5 TFLOP/s"
                : "twice as fast on an A10 or L40S, as fast on GeForce cards";
    }

    private static String whyNd4j(Capability card, boolean hasTf32) {
        if (card.compareTo(Capability.LEAST) < 0) {
            return "CUDA 13 has nothing for compute capability " + card + ".";
        }
        return hasTf32
                ? "Device-resident objectives would be the faster way on this card, in TF32, but the libraries they need do not work"
                        + " here."
                : "Both ways multiply in plain FP32 on this card, since TF32 needs compute capability "
                        + Capability.LEAST_WITH_TF32 + "; all of amend4j runs on ND4J's backend.";
    }

    private static String whyNot(Capability card, boolean nd4jCuda) {
        if (card.compareTo(Capability.LEAST) >= 0) {
            return "The libraries that the card needs do not work here.";
        }
        return "Compute capability " + card + " is less than " + Capability.LEAST
                + (nd4jCuda ? "." : "; ND4J's CUDA backend has code for older cards, but it is not on the class path.");
    }
}
