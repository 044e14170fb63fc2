/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.backend.EpilogueLaws;
import org.amend4j.internal.backend.EpilogueLaws.Case;
import org.amend4j.internal.backend.EpilogueLaws.Numbers;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which products are cuBLASLt's and which are made without it, against what stands in for it; results are the same. */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class BlasLtTest {

    private static final CodeCache CACHE = CodeCache.ofUser();
    private static final Case ALIGNED = new Case(70, 136, 16, 8, false, true, 1, 1, 6);

    @BeforeAll
    static void loadLibraries() {
        StandIn.load();
    }

    private static void laws(CudaDevice device, Numbers numbers, Case shape) {
        EpilogueLaws.bias(device, device::multiply, numbers, shape);
        EpilogueLaws.rectifier(device, device::multiply, numbers, shape);
        EpilogueLaws.gradient(device, device::multiply, numbers, shape);
    }

    /** Epilogues of the products of one shape that were cuBLASLt's; those of the trial have another. */
    private static List<String> epilogues(Numbers numbers, Case shape) {
        List<String> products = StandIn.productsOfLt(() -> {
            try (CudaDevice device = CudaDevice.open(0, CACHE)) {
                laws(device, numbers, shape);
            }
        });
        String dimensions = shape.n() + " " + shape.m() + " " + shape.k() + " ";
        return products.stream()
                .filter(line -> line.startsWith(dimensions))
                .map(line -> line.substring(dimensions.length()))
                .toList();
    }

    /** Bias; bias and rectifier, with a mask; its gradient, with sums. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(
            value = Numbers.class,
            names = {"FP32", "TF32", "BF16", "HALVES_TO_FLOATS"})
    void everyEpilogueIsOneCall(Numbers numbers) {
        assertEquals(List.of("4", "6", "134", "136", "152"), epilogues(numbers, ALIGNED));
    }

    /** The sums are floats, and cuBLASLt's are of the type of what is summed. */
    @Test
    void sumsOfHalvesAreLeftToKernels() {
        assertEquals(List.of("4", "6", "134", "136"), epilogues(Numbers.HALVES, ALIGNED));
    }

    @Test
    void whatIsNotAlignedIsLeftToKernels() {
        Case odd = new Case(70, 136, 16, 8, false, true, 1, 1, 7);
        assertEquals(List.of(), epilogues(Numbers.FP32, odd));
    }

    @Test
    void withoutAlgorithmsKernelsDoIt() {
        StandIn.withoutAlgorithms(() -> assertEquals(List.of(), epilogues(Numbers.TF32, ALIGNED)));
    }

    /** The trial notices it; bias and gradients are not concerned. */
    @Test
    void aRectifierThatLosesWhatIsNotANumberIsLeftToKernels() {
        StandIn.withoutNaN(() -> {
            assertEquals(List.of("4", "136", "152"), epilogues(Numbers.TF32, ALIGNED));
            try (CudaDevice device = CudaDevice.open(0, CACHE)) {
                EpilogueLaws.notANumber(device, device::multiply, Numbers.TF32);
            }
        });
    }
}
