/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.EpilogueLaws;
import org.amend4j.internal.backend.EpilogueLaws.Case;
import org.amend4j.internal.backend.EpilogueLaws.Multiplier;
import org.amend4j.internal.backend.EpilogueLaws.Numbers;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Epilogues in passes of their own against doubles; planted faults are noticed. */
class EpilogueKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("epilogue");
    private static final KernelSource OF_HALVES = KernelSource.resource("epilogue", ElementType.BFLOAT16);

    /** A product, then the pass. */
    private static Multiplier inPasses(Device device, KernelSource source) {
        CudaEpilogue passes = new CudaEpilogue(device, source);
        return (product, a, b, c, epilogue) -> {
            device.multiply(product, a, b, c);
            passes.apply(epilogue, c, product.m(), product.n(), product.leadingC());
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.EpilogueLaws#cases")
    @OneIn(2)
    void aPassIsItsFormula(Case shape) {
        Caught.holds(SOURCE, (device, source) -> laws(device, source, Numbers.FP32, shape));
        Caught.holds(OF_HALVES, (device, source) -> laws(device, source, Numbers.HALVES, shape));
    }

    @Test
    void whatIsNotANumberStaysSoAndIsNotPositive() {
        Caught.holds(
                SOURCE, (device, source) -> EpilogueLaws.notANumber(device, inPasses(device, source), Numbers.FP32));
    }

    private static void laws(Device device, KernelSource source, Numbers numbers, Case shape) {
        Multiplier multiplier = inPasses(device, source);
        EpilogueLaws.bias(device, multiplier, numbers, shape);
        EpilogueLaws.rectifier(device, multiplier, numbers, shape);
        EpilogueLaws.gradient(device, multiplier, numbers, shape);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("no bias in fours", "ended(v.y, shift[1], rectified)", "ended(v.y, 0.0f, rectified)"),
                new Fault("rectified though nobody asked", "return rectified && z <= 0.0f", "return z <= 0.0f"),
                new Fault("a NaN is rectified", "rectified && z <= 0.0f", "rectified && !(z > 0.0f)"),
                new Fault("zeros are positive", "return value > 0.0f ? 1u", "return value >= 0.0f ? 1u"),
                new Fault(
                        "the mask's rows have no gaps",
                        "mask + (long long)row * words_of_row : 0",
                        "mask + (long long)row * ((columns + 31) / 32) : 0"),
                new Fault(
                        "bits of neighbours are lost",
                        "gathered(bits << first % LANES, 8)",
                        "gathered(bits << first % LANES, 4)"),
                new Fault("bits at the wrong place", "bits << first % LANES, 8", "bits << 4 * lane % 16, 8"),
                new Fault(
                        "the gradient passes everywhere",
                        "bits >> place & 1 ? value : 0.0f",
                        "bits >> place | 1 ? value : 0.0f"),
                new Fault(
                        "the gradient's word is another",
                        "passed(words[column / LANES], lane",
                        "passed(words[start / LANES], lane"),
                new Fault("a column is not added", "sums[2] += d.z;", ""),
                new Fault("a warp is not added", "for (int w = 0; w < warps; w++)", "for (int w = 1; w < warps; w++)"),
                new Fault(
                        "no barrier",
                        "    __syncthreads();\n    const int column = start",
                        "    const int column = start"),
                new Fault(
                        "a chunk is not added",
                        "for (int chunk = 0; chunk < chunks; chunk++)",
                        "for (int chunk = 1; chunk < chunks; chunk++)"),
                new Fault(
                        "rows of the next chunk",
                        "begin + chunk < rows ? begin + chunk : rows",
                        "begin + chunk < rows ? begin + chunk + 1 : rows"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, (device, source) -> {
            laws(device, source, Numbers.FP32, new Case(70, 136, 3, 8, false, false, 1, 1, 6));
            laws(device, source, Numbers.FP32, new Case(140, 37, 3, 1, false, false, 1, 0, 7));
            EpilogueLaws.notANumber(device, inPasses(device, source), Numbers.FP32);
        });
    }
}
