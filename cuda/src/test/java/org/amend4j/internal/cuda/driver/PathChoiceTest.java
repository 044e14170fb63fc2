/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way of computing is advised for which card. */
class PathChoiceTest {

    /** Card, then what is advised with both ways at hand, with ND4J's backend only, with our libraries only, with nothing. */
    @ParameterizedTest
    @CsvSource({
        "6.1, ND4J_CUDA, ND4J_CUDA, CPU, CPU",
        "7.0, ND4J_CUDA, ND4J_CUDA, CPU, CPU",
        "7.5, ND4J_CUDA, ND4J_CUDA, DEVICE_RESIDENT, CPU",
        "8.0, DEVICE_RESIDENT, ND4J_CUDA, DEVICE_RESIDENT, CPU",
        "8.6, DEVICE_RESIDENT, ND4J_CUDA, DEVICE_RESIDENT, CPU",
        "8.7, DEVICE_RESIDENT, ND4J_CUDA, DEVICE_RESIDENT, CPU",
        "8.9, DEVICE_RESIDENT, ND4J_CUDA, DEVICE_RESIDENT, CPU",
        "9.0, DEVICE_RESIDENT, CPU, DEVICE_RESIDENT, CPU",
        "10.0, DEVICE_RESIDENT, CPU, DEVICE_RESIDENT, CPU",
        "12.0, DEVICE_RESIDENT, CPU, DEVICE_RESIDENT, CPU"
    })
    void theFasterWayThatAppliesIsAdvised(
            String card, ComputePath both, ComputePath nd4j, ComputePath libraries, ComputePath nothing) {
        assertEquals(both, choice(card, true, true).way());
        assertEquals(nd4j, choice(card, true, false).way());
        assertEquals(libraries, choice(card, false, true).way());
        assertEquals(nothing, choice(card, false, false).way());
    }

    private static PathChoice choice(String card, boolean nd4jCuda, boolean librariesWork) {
        String[] parts = card.split("\\.", -1);
        Capability capability = new Capability(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        return PathChoice.of(Optional.of(capability), nd4jCuda, librariesWork);
    }

    @Test
    void theReasonFitsTheCard() {
        assertWhy("A100: 156 against 19.5 TFLOP/s", choice("8.0", true, true));
        assertWhy("as fast on GeForce cards", choice("8.6", true, true));
        assertWhy("ND4J waits for the card", choice("8.9", false, true));
        assertWhy("no code for compute capability 9.0", choice("9.0", true, true));
        assertWhy("TF32 needs compute capability 8.0", choice("7.5", true, true));
        assertWhy("TF32 needs compute capability 8.0", choice("7.5", false, true));
        assertWhy("CUDA 13 has nothing for compute capability 7.0", choice("7.0", true, true));
        assertWhy("would be the faster way", choice("8.0", true, false));
        assertWhy("The libraries that the card needs do not work here", choice("9.0", true, false));
        assertWhy("is less than 7.5; ND4J's CUDA backend", choice("6.1", false, true));
        PathChoice none = PathChoice.of(Optional.empty(), true, true);
        assertEquals(ComputePath.CPU, none.way());
        assertWhy("There is no card", none);
    }

    private static void assertWhy(String part, PathChoice choice) {
        assertTrue(choice.why().contains(part), choice.toString());
        assertTrue(choice.why().endsWith("."), choice.toString());
    }
}
